"""The engine in memory: answers requests to separate and to analyse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bandmate_plugins._engines.dsp import analysis
from bandmate_plugins._engines.dsp.cut import StemCutter
from bandmate_plugins._engines.dsp.kit import KitMasker
from bandmate_plugins._engines.dsp.masks import MixMasker
from bandmate_plugins._engines.dsp.stft import StftGrid
from bandmate_plugins._tasks.analyse import AnalyseParams
from bandmate_plugins._tasks.separate import PARTS, RESIDUAL, SeparateParams, StemPart
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Remark, StageProgress, StemAudio, StemStart, TaskReport
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError


class LoadedDsp(LoadedEngine):
    """Has nothing to keep: every request stands alone."""

    def __init__(
        self,
        grid: Callable[[int], StftGrid] = StftGrid,
        drums_of: Callable[[AudioInput], AudioInput] | None = None,
    ) -> None:
        """`grid` makes the transform for a sample rate, and `drums_of` takes a mix's drums out if need be."""
        self._grid = grid
        self._drums_of = drums_of

    def separate(self, request: TaskRequest[SeparateParams], context: TaskContext) -> Iterator[Output]:
        """Takes the source apart as `SeparateParams` say.

        Every stem has the source's place, frames and channels. Raises RequestError (`input_missing`,
        `input_unusable`).
        """
        params = request.params
        params.check_mode("dsp")
        if params.mode == "six":
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                "The engine dsp cannot separate guitar and piano from the rest.",
                "Use the mode `four`, or `bandmate models pull htdemucs_6s` for an engine that can.",
                models=("htdemucs_6s",),
            )
        source = nonempty_source(request)
        parts, rest = _requested_parts(params)
        yield from _announce_stems(source, parts)
        grid = self._grid(request.timeline.sample_rate)
        cutter = self._make_cutter(source, grid, params, context.check)
        energies = np.zeros(len(parts))
        roles = [part.role for part in (parts[:-1] if rest else parts)]
        for step, audio in enumerate(cutter.cut_blocks(roles, rest)):
            for stem, samples in enumerate(audio):
                energies[stem] += float(np.sum(np.square(samples, dtype=np.float64)))
                yield StemAudio(stem, samples)
            yield StageProgress("Separating", step + 1, cutter.block_count)
        yield TaskReport({"shares": _energy_shares(parts, energies)})
        yield from _separation_remarks(params, source, float(np.sum(energies)))

    def analyse(self, request: TaskRequest[AnalyseParams], context: TaskContext) -> Iterator[Output]:
        """Reports what is in the source, as `AnalyseParams` say.

        Raises RequestError (`input_missing`, `input_unusable`).
        """
        yield from analysis.analyse_source(request, nonempty_source(request), context)

    def _make_cutter(
        self, source: AudioInput, grid: StftGrid, params: SeparateParams, check: Callable[[], None]
    ) -> StemCutter:
        if params.mode != "drums":
            return StemCutter(source, grid, MixMasker(grid, source.channels), check)
        if params.from_mix and self._drums_of is not None:
            kit = KitMasker(grid, source.channels, from_mix=False)
            return StemCutter(self._drums_of(source), grid, kit, check, whole=source)
        return StemCutter(source, grid, KitMasker(grid, source.channels, params.from_mix), check)


def _requested_parts(params: SeparateParams) -> tuple[tuple[StemPart, ...], bool]:
    """The stems to make, and whether the last of them is the source less the others."""
    kept = params.kept_parts
    whole = len(kept) == len(PARTS[params.mode]) and not (params.mode == "drums" and params.from_mix)
    if params.residual and not whole:
        return (*kept, RESIDUAL), True
    return kept, whole


def _announce_stems(source: AudioInput, parts: tuple[StemPart, ...]) -> Iterator[Output]:
    for part in parts:
        yield StemStart(
            part.name,
            part.role,
            channels=source.channels,
            frames=source.frames,
            start_frame=source.start_frame,
        )


def _energy_shares(
    parts: tuple[StemPart, ...], energies: np.ndarray[Any, np.dtype[np.float64]]
) -> dict[str, float]:
    """How much of the stems' energy each has, in whole thousandths."""
    total = float(np.sum(energies)) or 1.0
    return {part.role: round(float(energy) / total, 3) for part, energy in zip(parts, energies, strict=True)}


def _separation_remarks(params: SeparateParams, source: AudioInput, energy: float) -> Iterator[Output]:
    if energy == 0.0:
        yield Remark("The recording is silent, and so are its stems.")
    elif source.channels != 2 and any(part.role == "vocals" for part in params.kept_parts):
        yield Remark(
            "The recording is not stereo, so vocals were separated only by what does not repeat, and not by "
            "their place in the middle."
        )
