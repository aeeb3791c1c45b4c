"""HTDemucs in memory: reads a model when it is first asked for, and answers requests to separate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bandmate_plugins.demucs.bag import read_bag
from bandmate_plugins.demucs.variants import VARIANTS
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.models import find_model
from bandmate_plugins.networks.runner import Runner
from bandmate_plugins.networks.separation import Work, separated
from bandmate_plugins.networks.stream import Ensemble
from bandmate_plugins.outputs import Output, Remark, Report
from bandmate_plugins.request import Context, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError

_PREFERRED = {
    "six": ("htdemucs_6s",),
    "four": ("htdemucs_ft", "htdemucs", "htdemucs_6s"),
    "two": ("htdemucs_ft", "htdemucs", "htdemucs_6s"),
    "drums": ("htdemucs_ft", "htdemucs", "htdemucs_6s"),
}
"""The models for a mode, the best first."""
_BATCH = {"full": 8, "small": 1}
"""Tiles at a time on a GPU, by tier; on the CPU one."""


class LoadedDemucs(LoadedEngine):
    """Keeps the model that it used last."""

    def __init__(self, device: str, tier: str) -> None:
        self._device = device
        self._batch = 1 if device == "cpu" else _BATCH[tier]
        self._held: tuple[str, Ensemble, list[Runner]] | None = None

    def separate(self, request: TaskRequest[Any], context: Context) -> Iterator[Output]:
        """Takes the source apart as `SeparateParams` say.

        Raises RequestError: `input_missing`, `input_unusable`, `engine_unavailable` (no weights for the mode,
        or damaged ones).
        """
        source = request.input("source")
        if source is None:
            raise RequestError(
                ErrorCode.INPUT_MISSING,
                "This task works on audio.",
                "Give it an input with the role `source`.",
            )
        request.params.check_mode("demucs")
        name, ensemble, runners = self._loaded(request.params.mode)
        yield from separated(Work(request, source, ensemble, context))
        yield Report({"model": name})
        for sentence in dict.fromkeys(runner.sentence for runner in runners if runner.sentence):
            yield Remark(sentence)

    def _loaded(self, mode: str) -> tuple[str, Ensemble, list[Runner]]:
        found = ((name, find_model(VARIANTS[name])) for name in _PREFERRED[mode])
        name, folder = next(((name, folder) for name, folder in found if folder), ("", None))
        if folder is None:
            wanted = _PREFERRED[mode][-1] if mode == "six" else "htdemucs"
            raise RequestError(
                ErrorCode.ENGINE_UNAVAILABLE,
                f"There are no weights of HTDemucs for the mode `{mode}`.",
                f"`bandmate models pull {wanted}` fetches them.",
            )
        if self._held is None or self._held[0] != name:
            self._held = None
            bag = read_bag(folder, name)
            runners = [Runner(member.network, self._device) for member in bag.members]
            shares = [member.shares for member in bag.members]
            members = list(zip(runners, shares, strict=True))
            ensemble = Ensemble(members, bag.roles, bag.sample_rate, bag.tile_frames, self._batch)
            self._held = (name, ensemble, runners)
        return self._held
