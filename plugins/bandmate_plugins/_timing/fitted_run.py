"""What an engine plays only roughly in time is measured, and put on the project's grid.

The music streams as it is made. Once it is whole it is measured, and where it is off, its stems come again as
revisions.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bandmate_plugins._listening.downmix import stereo_downmix
from bandmate_plugins._listening.features import FeatureExtractor
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins._timing.fit_mode import FitMode
from bandmate_plugins._timing.grid_deviation import GridDeviation, measure_grid
from bandmate_plugins._timing.stretch_library import stretch_library
from bandmate_plugins._timing.time_map import TimeMap, warp_audio
from bandmate_plugins.outputs import (
    Output,
    Remark,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    TaskReport,
)
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.messages import Note
from bandmate_protocol.texts import say

_ROOM_SHARE, _LONGEST_SECONDS = 0.05, 600.0
"""How much longer a range is rendered, so that music that is too slow reaches its end; and the longest."""
_BLOCK_SECONDS = 10.0
_STAGE = "Fitting to the grid"

Run = Callable[[TaskRequest[Any]], Iterator[Output]]


def run_fitted(
    run: Run, request: TaskRequest[Any], mode: FitMode, context: TaskContext, *, has_room: bool
) -> Iterator[Output]:
    """Runs an engine to which tempo is a hint, and fits what it made to the grid of the request's timeline.

    `has_room` says whether the engine may render more than was asked for, to be cut off again: not where it works
    on a source, which has no more.
    """
    if mode == "off":
        yield from run(request)
        return
    with tempfile.TemporaryDirectory(prefix="bandmate-fit-") as folder:
        take = _Take(request, mode, Path(folder))
        yield from take.pass_on(run(_with_room(request) if has_room else request))
        yield from take.fit(context)


def _with_room(request: TaskRequest[Any]) -> TaskRequest[Any]:
    """The request for a little more than was asked for, where that is not too long."""
    timeline = request.timeline
    if timeline.seconds * (1 + _ROOM_SHARE) > _LONGEST_SECONDS:
        return request
    end = timeline.end_frame + round(timeline.frames * _ROOM_SHARE)
    return replace(request, timeline=msgspec.structs.replace(timeline, end_frame=end))


class _Take:
    """What an engine made, kept on the disk until it is measured."""

    def __init__(self, request: TaskRequest[Any], mode: FitMode, folder: Path) -> None:
        self._request = request
        self._mode = mode
        self._folder = folder
        self._frames = request.timeline.frames
        self._stems: list[_KeptStem] = []

    def pass_on(self, outputs: Iterator[Output]) -> Iterator[Output]:
        """The engine's outputs, no longer than what was asked for."""
        for output in outputs:
            if isinstance(output, StemStart):
                self._keep_start(output)
                yield replace(output, frames=self._frames)
            elif isinstance(output, StemAudio):
                kept = self._stems[output.stem].add(output.samples)
                yield replace(output, samples=output.samples[: max(self._frames - kept, 0)])
            elif isinstance(output, StemNotes):
                self._stems[output.stem].notes.extend(output.notes)
                yield replace(output, notes=_notes_within(output.notes, self._frames))
            else:
                yield output

    def fit(self, context: TaskContext) -> Iterator[Output]:
        """Measures what was kept, and yields its revisions where it is off."""
        yield StageProgress(_STAGE, 0, len(self._stems) + 1)
        deviation = self._measure(context)
        wanted = deviation.is_sure and (deviation.is_off or self._mode == "always")
        library = stretch_library() if wanted else None
        if library is not None:
            for number, stem in enumerate(self._stems):
                yield StageProgress(_STAGE, number + 1, len(self._stems) + 1)
                yield from self._fit_stem(library, number, stem, deviation, context)
        yield StageProgress(_STAGE, len(self._stems) + 1, len(self._stems) + 1)
        yield TaskReport({"grid": {**deviation.report, "fitted": library is not None}})
        sentence = _sentence(deviation, wanted, fitted=library is not None)
        if sentence:
            yield Remark(sentence)

    def _keep_start(self, start: StemStart) -> None:
        if start.revises is not None:
            self._stems[start.revises].restart(start)
        else:
            self._stems.append(_KeptStem(start, self._folder / f"{len(self._stems)}.f32"))

    def _measure(self, context: TaskContext) -> GridDeviation:
        timeline = self._request.timeline
        features = FeatureExtractor(timeline.sample_rate, 2)
        block = round(_BLOCK_SECONDS * timeline.sample_rate)
        longest = max((stem.frames for stem in self._stems), default=0)
        for start in range(0, longest, block):
            context.check()
            stop = min(start + block, longest)
            features.add(np.sum([stem.read_stereo(start, stop) for stem in self._stems], axis=0))
        return measure_grid(features.finish(), self._request.tempo, timeline.start_frame, timeline.end_frame)

    def _fit_stem(
        self, library: Any, number: int, stem: _KeptStem, deviation: GridDeviation, context: TaskContext
    ) -> Iterator[Output]:
        time_map = deviation.fitting_map(stem.frames)
        yield replace(stem.start, frames=self._frames, revises=number)
        rate = self._request.timeline.sample_rate
        for piece in warp_audio(library, stem.read, time_map, rate, context.check):
            yield StemAudio(number, piece)
        if stem.notes:
            yield StemNotes(number, _notes_within(_moved_notes(stem.notes, time_map), self._frames))


class _KeptStem:
    """A stem in a file of 32-bit floats."""

    def __init__(self, start: StemStart, path: Path) -> None:
        self._path = path
        self.restart(start)

    def restart(self, start: StemStart) -> None:
        """Begins again, as a revision does."""
        self.start = start
        self.frames = 0
        self.notes: list[Note] = []
        self._path.write_bytes(b"")

    def add(self, samples: FloatArray32) -> int:
        """Keeps what comes next; returns how many frames were there before."""
        before = self.frames
        with self._path.open("ab") as file:
            file.write(np.ascontiguousarray(samples, np.float32).tobytes())
        self.frames += len(samples)
        return before

    def read(self, start: int, stop: int) -> FloatArray32:
        """Frames of it, shape (frames, channels); silence outside."""
        channels = self.start.channels
        out = np.zeros((max(stop - start, 0), channels), np.float32)
        first, last = max(start, 0), min(stop, self.frames)
        if last > first:
            count, offset = (last - first) * channels, first * channels * 4
            read = np.fromfile(self._path, np.float32, count, offset=offset)
            out[first - start : last - start] = read.reshape(-1, channels)
        return out

    def read_stereo(self, start: int, stop: int) -> FloatArray32:
        """The same with two channels."""
        return stereo_downmix(self.read(start, stop))


def _notes_within(notes: Sequence[Note], frames: int) -> list[Note]:
    """Notes that begin within so many frames, none longer than these."""
    return [
        msgspec.structs.replace(note, frames=min(note.frames, frames - note.start))
        for note in notes
        if note.start < frames
    ]


def _moved_notes(notes: Sequence[Note], time_map: TimeMap) -> list[Note]:
    ends = np.array([(note.start, note.start + note.frames) for note in notes], np.float64)
    moved = np.round(time_map.target_at(ends)).astype(int).tolist()
    return [
        msgspec.structs.replace(note, start=start, frames=max(stop - start, 1))
        for note, (start, stop) in zip(notes, moved, strict=True)
    ]


def _sentence(deviation: GridDeviation, wanted: bool, *, fitted: bool) -> str:
    """What a musician should know; nothing where the music lies on the grid."""
    if not deviation.is_sure:
        return "Nothing was fitted to the grid: no clear beat could be measured in what was made."
    if not wanted:
        return ""
    values = {"drift": abs(deviation.drift_ms_per_bar), "worst": deviation.worst_bar_ms}
    if not fitted:
        return say(
            "The music is off the grid by {drift:.1f} ms a bar ({worst:.1f} in the worst one), and was left so: "
            "python-stretch is not installed.",
            **values,
        )
    return say(
        "Fitted to the grid: the music was off by {drift:.1f} ms a bar ({worst:.1f} in the worst one). `--fit off` "
        "keeps it as it was made.",
        **values,
    )
