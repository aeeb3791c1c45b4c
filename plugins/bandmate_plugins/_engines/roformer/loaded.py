"""The engine in memory: chooses a checkpoint for what was asked, and reads it when it is first needed."""

from __future__ import annotations

from collections.abc import Iterator

from bandmate_plugins._engines.dsp.loaded import LoadedDsp
from bandmate_plugins._engines.roformer.checkpoint import RoformerCheckpoint, read_config, read_network
from bandmate_plugins._engines.roformer.places import checkpoint_configs
from bandmate_plugins._engines.separation_nets.loaded import LoadedModel, LoadedNetworks
from bandmate_plugins._engines.separation_nets.options import NetworkOptions
from bandmate_plugins._engines.separation_nets.runner import NetworkRunner
from bandmate_plugins._engines.separation_nets.stream import NetworkEnsemble
from bandmate_plugins._tasks.separate import SeparateParams, SeparationMode
from bandmate_plugins.outputs import Output, Remark
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_BATCH = {"full": 4, "small": 1}
"""Tiles at a time on a GPU, by tier; on the CPU one."""
_REST: dict[tuple[str, ...], str] = {("vocals",): "instrumental", ("instrumental",): "vocals"}
"""What a network of one stem leaves over."""


class LoadedRoformer(LoadedNetworks):
    """Keeps the checkpoint that it used last."""

    engine = "roformer"

    def separate(
        self, request: TaskRequest[SeparateParams, NetworkOptions], context: TaskContext
    ) -> Iterator[Output]:
        """Takes the source apart as `SeparateParams` say; what no checkpoint here can do, `dsp` does.

        Raises RequestError: `input_missing`, `input_unusable`, `bad_params` (a model that is not here),
        `engine_unavailable` (a damaged one).
        """
        params = request.params
        params.check_mode(self.engine)
        drum_track = params.mode == "drums" and not params.from_mix
        if drum_track or request.options.model or self._serving_checkpoint(params.mode):
            yield from super().separate(request, context)
            return
        yield from LoadedDsp().separate(request, context)
        wanted = "drums" if params.mode == "drums" else f"the stems of `{params.mode}`"
        yield Remark(
            say(
                "No installed checkpoint gives {wanted}, so the engine dsp made them; `bandmate models list` "
                "shows those that do.",
                wanted=wanted,
            )
        )

    def _model_for(
        self, request: TaskRequest[SeparateParams, NetworkOptions], held: LoadedModel | None
    ) -> LoadedModel:
        mode, model = request.params.mode, request.options.model
        checkpoint = self._named_checkpoint(mode, model) if model else self._serving_checkpoint(mode)
        assert checkpoint is not None, "`separate` has asked before"
        if held is not None and held.name == checkpoint.name:
            return held
        return self._read_model(checkpoint)

    def _read_model(self, checkpoint: RoformerCheckpoint) -> LoadedModel:
        runner = NetworkRunner(read_network(checkpoint), self.device)
        ensemble = NetworkEnsemble(
            [(runner, [1.0] * len(checkpoint.roles))],
            checkpoint.roles,
            checkpoint.sample_rate,
            checkpoint.tile_frames,
            1 if self.device == "cpu" else _BATCH[self.tier],
            stride_frames=checkpoint.stride_frames,
            faded=True,
            rest=_REST.get(checkpoint.roles, ""),
            device=self.device,
        )
        return LoadedModel(checkpoint.name, ensemble, [runner])

    def _serving_checkpoint(self, mode: SeparationMode) -> RoformerCheckpoint | None:
        """The first checkpoint here that serves; a damaged one is passed over while there is another."""
        refused: list[RequestError] = []
        for name, path in checkpoint_configs().items():
            try:
                checkpoint = read_config(name, path)
            except RequestError as error:
                refused.append(error)
                continue
            if checkpoint.serves_mode(mode):
                return checkpoint
        if refused:
            raise refused[0]
        return None

    def _named_checkpoint(self, mode: SeparationMode, model: str) -> RoformerCheckpoint:
        here = checkpoint_configs()
        if model not in here:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("The engine roformer has no installed model {model}.", model=model),
                say(
                    "Installed: {names}. `bandmate models pull` downloads others.",
                    names=", ".join(here) or "none",
                ),
            )
        checkpoint = read_config(model, here[model])
        if not checkpoint.serves_mode(mode):
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say(
                    "The model {model} gives {names}, which is not enough for the mode `{mode}`.",
                    model=model,
                    names=", ".join(checkpoint.roles),
                    mode=mode,
                ),
                "Choose another mode or another model.",
            )
        return checkpoint
