"""What `separate` asks for, from the stems that networks give: parts, residual, consistency, a drum kit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.dsp.exact import exact_remainder, quantize_parts
from bandmate_plugins._engines.dsp.loaded import LoadedDsp
from bandmate_plugins._engines.dsp.stft import StftGrid
from bandmate_plugins._engines.separation_nets.options import NetworkOptions
from bandmate_plugins._engines.separation_nets.rates import device_module
from bandmate_plugins._engines.separation_nets.stream import NetworkEnsemble, PassOptions, StemStream
from bandmate_plugins._tasks.separate import PARTS, RESIDUAL, SeparateParams, StemPart
from bandmate_plugins.outputs import Output, StageProgress, StemAudio, StemStart
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class SeparationJob:
    """A request with its source and the networks that do it."""

    request: TaskRequest[SeparateParams, NetworkOptions]
    source: AudioInput
    ensemble: NetworkEnsemble
    context: TaskContext

    @property
    def params(self) -> SeparateParams:
        """What was asked for."""
        return self.request.params

    def stem_stream(self) -> StemStream:
        """The stems of the source."""
        # Only shifts are drawn; a seed that is not read is not told to be another try.
        options = self.request.options
        seed = self.request.seed if options.shifts else 0
        way = PassOptions(options.overlap, options.shifts, seed)
        rate = self.request.timeline.sample_rate
        return StemStream(self.source, rate, self.ensemble, way, self.context.check)


def separate_stems(work: SeparationJob) -> Iterator[Output]:
    """Stems as the parameters say, each of the source's place, frames and channels."""
    if work.params.mode == "drums":
        dsp = kit_separator(work.ensemble.device, lambda _: _DrumsInput(work))
        yield from dsp.separate(work.request, work.context)
        return
    kept = work.params.kept_parts
    parts = (*kept, RESIDUAL) if work.params.residual else kept
    for part in parts:
        yield _stem_start(part, work.source)
    stream, at = work.stem_stream(), 0
    for done, stems in stream.stem_blocks():
        mix = work.source.read(at, stems.shape[1])
        at += len(mix)
        found = _mode_stems(work, stems, mix)
        audio = [found[part.role] for part in kept]
        if work.params.residual:
            audio = quantize_parts(mix, audio)
            audio.append(exact_remainder(mix, audio))
        for stem, samples in enumerate(audio):
            yield StemAudio(stem, np.ascontiguousarray(samples, np.float32))
        yield StageProgress("Separating", done, stream.tiles)


def _mode_stems(work: SeparationJob, stems: Floats, mix: Floats) -> dict[str, Floats]:
    """The mode's stems by role; where they are to add up to the mix, they do so exactly."""
    stems = _with_remainder(work, stems, mix)
    if work.params.consistency:
        stems += (mix - stems.sum(axis=0, dtype=np.float32)) / len(stems)
    found = _stems_by_role(work, stems)
    if work.params.consistency or work.ensemble.rest:
        *others, last = (part.role for part in PARTS[work.params.mode])
        rounded = quantize_parts(mix, [found[role] for role in others])
        found |= dict(zip(others, rounded, strict=True)) | {last: exact_remainder(mix, rounded)}
    return found


def _with_remainder(work: SeparationJob, stems: Floats, mix: Floats) -> Floats:
    """What networks of one stem leave over is the other."""
    if not work.ensemble.rest:
        return stems
    return np.concatenate((stems, (mix - stems.sum(axis=0, dtype=np.float32))[None]))


def _stems_by_role(work: SeparationJob, stems: Floats) -> dict[str, Floats]:
    """Stems by role; what a mode puts together is summed."""
    rest = (work.ensemble.rest,) if work.ensemble.rest else ()
    found = dict(zip((*work.ensemble.roles, *rest), stems, strict=True))
    if work.params.mode == "two":
        others = [audio for role, audio in found.items() if role != "vocals"]
        found["instrumental"] = np.sum(others, axis=0, dtype=np.float32)
    elif work.params.mode == "four":
        # A model of six stems serves for four too.
        for role in ("guitar", "piano"):
            if role in found:
                found["other"] = found["other"] + found.pop(role)
    return found


def kit_separator(device: str, drums_of: Callable[[AudioInput], AudioInput] | None = None) -> LoadedDsp:
    """What takes a drum track apart, with its transform where the networks run."""
    return LoadedDsp(partial(_device_grid, device), drums_of)


def _device_grid(device: str, rate: int) -> StftGrid:
    """The transform of `dsp`, made where the networks run."""
    module = device_module(device)
    grid: StftGrid = module.DeviceGrid(rate, device) if module else StftGrid(rate)
    return grid


class _DrumsInput(AudioInput):
    """The drums of the source, made as they are read; in order only."""

    def __init__(self, work: SeparationJob) -> None:
        self.role = "source"
        self.start_frame = work.source.start_frame
        self.frames = work.source.frames
        self.channels = work.source.channels
        self._place = work.ensemble.roles.index("drums")
        self._blocks = work.stem_stream().stem_blocks()
        self._held: Floats = np.zeros((0, self.channels), np.float32)
        self._start = 0

    def read(self, offset: int = 0, frames: int | None = None) -> Floats:
        """See AudioInput; what was read once is gone."""
        assert offset >= self._start, "drums are read in order"
        end = self.frames if frames is None else min(offset + frames, self.frames)
        while self._start + len(self._held) < end:
            _, stems = next(self._blocks)
            self._held = np.concatenate((self._held, stems[self._place]))
        self._held = self._held[offset - self._start :]
        self._start = offset
        return self._held[: end - offset].copy()


def _stem_start(part: StemPart, source: AudioInput) -> StemStart:
    return StemStart(
        part.name,
        part.role,
        channels=source.channels,
        frames=source.frames,
        start_frame=source.start_frame,
    )
