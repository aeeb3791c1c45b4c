"""HTDemucs in memory: reads a model when it is first asked for, and answers requests to separate."""

from __future__ import annotations

from pathlib import Path

from bandmate_plugins._engines.demucs.bag import read_bag
from bandmate_plugins._engines.demucs.variants import VARIANTS
from bandmate_plugins._engines.separation_nets.loaded import LoadedModel, LoadedNetworks
from bandmate_plugins._engines.separation_nets.options import NetworkOptions
from bandmate_plugins._engines.separation_nets.runner import NetworkRunner
from bandmate_plugins._engines.separation_nets.stream import NetworkEnsemble
from bandmate_plugins._engines.separation_nets.unusable import unusable_error
from bandmate_plugins._models import find_model
from bandmate_plugins._tasks.separate import PARTS, SeparateParams, SeparationMode
from bandmate_plugins.request import TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_PREFERRED = {
    "six": ("htdemucs_6s",),
    "four": ("htdemucs_ft", "htdemucs", "htdemucs_6s"),
    "two": ("htdemucs_ft", "htdemucs", "htdemucs_6s"),
    "drums": ("htdemucs_ft", "htdemucs", "htdemucs_6s"),
}
"""The models for a mode, the best first."""
_MODE_OF: dict[str, SeparationMode] = {"htdemucs_6s": "six"}
"""The mode whose stems a model gives, where it is not `four`."""
_BATCH = {"full": 8, "small": 1}
"""Tiles at a time on a GPU, by tier; on the CPU one."""


class LoadedDemucs(LoadedNetworks):
    """Keeps the model that it used last."""

    engine = "demucs"

    def _model_for(
        self, request: TaskRequest[SeparateParams, NetworkOptions], held: LoadedModel | None
    ) -> LoadedModel:
        name, folder = _choose_model(request.params.mode, request.options.model)
        if held is not None and held.name == name:
            return held
        bag = read_bag(folder, name)
        lacks = [part.role for part in PARTS[_MODE_OF.get(name, "four")] if part.role not in bag.roles]
        if lacks:
            raise unusable_error(
                name,
                say("is not the model that its name says: it does not give {names}", names=", ".join(lacks)),
            )
        runners = [NetworkRunner(member.network, self.device) for member in bag.members]
        shares = [member.shares for member in bag.members]
        members = list(zip(runners, shares, strict=True))
        batch = 1 if self.device == "cpu" else _BATCH[self.tier]
        ensemble = NetworkEnsemble(
            members, bag.roles, bag.sample_rate, bag.tile_frames, batch, device=self.device
        )
        return LoadedModel(name, ensemble, runners)


def _choose_model(mode: SeparationMode, model: str) -> tuple[str, Path]:
    """The model for a mode, or the one that was named, and its folder."""
    names = _PREFERRED[mode]
    if model:
        if model not in names:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say(
                    "The engine demucs has no model {model} for the mode `{mode}`.",
                    model=model,
                    mode=mode,
                ),
                say("Available: {names}; the engine roformer has others.", names=", ".join(names)),
            )
        names = (model,)
    for name in names:
        if folder := find_model(VARIANTS[name]):
            return name, folder
    six = mode == "six"
    wanted = names[0] if model or six else "htdemucs"
    # Without a model nothing tells guitar and piano from the rest.
    others = "`four` works with the installed models" if six else "the engine dsp needs none"
    raise RequestError(
        ErrorCode.ENGINE_UNAVAILABLE,
        say("No weights of HTDemucs are installed for the mode `{mode}`.", mode=mode),
        say("`bandmate models pull {wanted}` downloads them; {others}.", wanted=wanted, others=others),
        models=(wanted,),
    )
