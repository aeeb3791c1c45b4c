"""An engine of networks in memory: what `demucs` and `roformer` have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from bandmate_plugins._engines.separation_nets.options import NetworkOptions
from bandmate_plugins._engines.separation_nets.runner import NetworkRunner
from bandmate_plugins._engines.separation_nets.separation import SeparationJob, kit_separator, separate_stems
from bandmate_plugins._engines.separation_nets.stream import NetworkEnsemble
from bandmate_plugins._tasks.separate import SeparateParams
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Remark, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, by its name."""

    name: str
    ensemble: NetworkEnsemble
    runners: Sequence[NetworkRunner]


class LoadedNetworks(LoadedEngine):
    """Keeps the model that it used last."""

    Options = NetworkOptions
    engine: ClassVar[str]
    """What the engine is called."""

    def __init__(self, device: str, tier: str) -> None:
        self.device = device
        self.tier = tier
        self._held: LoadedModel | None = None

    @abstractmethod
    def _model_for(
        self, request: TaskRequest[SeparateParams, NetworkOptions], held: LoadedModel | None
    ) -> LoadedModel:
        """The model for a request: the one that is held, or another. Raises RequestError."""

    def separate(
        self, request: TaskRequest[SeparateParams, NetworkOptions], context: TaskContext
    ) -> Iterator[Output]:
        """Takes the source apart as `SeparateParams` say.

        Raises RequestError: `input_missing`, `input_unusable`, `bad_params` (a model that is not there),
        `engine_unavailable` (no weights for the mode, or damaged ones).
        """
        source, params = nonempty_source(request), request.params
        params.check_mode(self.engine)
        if params.mode == "drums" and not params.from_mix:
            # No network takes part.
            yield from kit_separator(self.device).separate(request, context)
            return
        held = self._held = self._model_for(request, self._held)
        yield from separate_stems(SeparationJob(request, source, held.ensemble, context))
        yield TaskReport({"model": held.name})
        for sentence in dict.fromkeys(runner.sentence for runner in held.runners if runner.sentence):
            yield Remark(sentence)
