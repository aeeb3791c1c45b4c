"""What an engine plays only roughly in time is measured, and put on the project's grid.

The music streams as it is made. Once it is whole it is measured, and where it is off, its stems come again as
revisions.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins._timing.band_sources import Reader
from bandmate_plugins._timing.beat_this_judge import beat_tracker, second_opinion
from bandmate_plugins._timing.fit_mode import FitMode
from bandmate_plugins._timing.grid_deviation import MIN_BEATS, GridDeviation, measure_audio
from bandmate_plugins._timing.grid_points import grid_points
from bandmate_plugins._timing.kept_stem import KeptStem, notes_within
from bandmate_plugins._timing.surroundings import lateness_around
from bandmate_plugins._timing.time_map import warp_audio
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
from bandmate_protocol.texts import say

_ROOM_SHARE, _LONGEST_SECONDS = 0.05, 600.0
"""How much longer a range is rendered, so that music that is too slow reaches its end; and the longest."""
_STAGE = "Fitting to the grid"

Run = Callable[[TaskRequest[Any]], Iterator[Output]]
FitPlace = Literal["open", "source", "ranges"]
"""What an engine makes: music of which it may render more, to be cut off again; a source rendered anew, which has no
more; or ranges of a source, whose ends the source holds."""


def run_fitted(
    run: Run, request: TaskRequest[Any], mode: FitMode, context: TaskContext, place: FitPlace
) -> Iterator[Output]:
    """Runs an engine to which tempo is a hint, and fits what it made to the grid of the request's timeline.

    Ranges of a source are fitted to where the source lies around them, which may be late itself.
    """
    if mode == "off":
        yield from run(request)
        return
    with tempfile.TemporaryDirectory(prefix="bandmate-fit-") as folder:
        take = _Take(request, mode, place, Path(folder))
        yield from take.pass_on(run(_with_room(request) if place == "open" else request))
        yield from take.fit(context)


def _with_room(request: TaskRequest[Any]) -> TaskRequest[Any]:
    """The request for a little more than was asked for, where that is not too long."""
    timeline = request.timeline
    if timeline.seconds * (1 + _ROOM_SHARE) > _LONGEST_SECONDS:
        return request
    end = timeline.end_frame + round(timeline.frames * _ROOM_SHARE)
    return replace(request, timeline=msgspec.structs.replace(timeline, end_frame=end))


@dataclass
class _Part:
    """Stems that sound together, from one frame of the project to another."""

    start: int
    end: int
    holds_start: bool
    holds_end: bool
    stems: list[int] = field(default_factory=list)


class _Take:
    """What an engine made, kept on the disk until it is measured."""

    def __init__(self, request: TaskRequest[Any], mode: FitMode, place: FitPlace, folder: Path) -> None:
        self._request = request
        self._mode = mode
        self._place = place
        self._folder = folder
        self._stems: list[KeptStem] = []
        self._parts: list[_Part] = []

    def pass_on(self, outputs: Iterator[Output]) -> Iterator[Output]:
        """The engine's outputs, no longer than what was asked for."""
        for output in outputs:
            if isinstance(output, StemStart):
                stem = self._keep_start(output)
                yield replace(output, frames=stem.wanted)
            elif isinstance(output, StemAudio):
                yield replace(output, samples=self._stems[output.stem].add(output.samples))
            elif isinstance(output, StemNotes):
                stem = self._stems[output.stem]
                stem.notes.extend(output.notes)
                yield replace(output, notes=notes_within(output.notes, stem.wanted))
            else:
                yield output

    def fit(self, context: TaskContext) -> Iterator[Output]:
        """Measures what was kept, and yields its revisions where it is off."""
        steps = len(self._stems) + len(self._parts)
        done, reports = 0, []
        for part in self._parts:
            yield StageProgress(_STAGE, done, steps)
            deviation = self._measure(part, context)
            wanted = deviation.is_sure and (deviation.is_off or self._mode == "always")
            for number in part.stems if wanted else ():
                done += 1
                yield StageProgress(_STAGE, done, steps)
                yield from self._fit_stem(number, part, deviation, context)
            reports.append({**deviation.report, **self._second_opinion(part, context), "fitted": wanted})
            yield from self._remarks(part, deviation, fitted=wanted)
        yield StageProgress(_STAGE, steps, steps)
        if reports:
            yield TaskReport({"grid": reports[0] if len(reports) == 1 else {"ranges": reports}})

    def _keep_start(self, start: StemStart) -> KeptStem:
        if start.revises is not None:
            self._stems[start.revises].restart(start)
            return self._stems[start.revises]
        part = self._part_of(start)
        part.stems.append(len(self._stems))
        path = self._folder / f"{len(self._stems)}.f32"
        self._stems.append(KeptStem(start, part.end - part.start, path))
        return self._stems[-1]

    def _part_of(self, start: StemStart) -> _Part:
        timeline = self._request.timeline
        first, last = timeline.start_frame, timeline.end_frame
        if self._place == "ranges":
            first = timeline.start_frame if start.start_frame is None else start.start_frame
            last = timeline.end_frame if start.frames is None else first + start.frames
        if not self._parts or (self._parts[-1].start, self._parts[-1].end) != (first, last):
            holds = self._place == "ranges"
            self._parts.append(
                _Part(
                    first,
                    last,
                    holds_start=holds and first + timeline.context_before_frames > timeline.start_frame,
                    holds_end=holds and last < timeline.end_frame + timeline.context_after_frames,
                )
            )
        return self._parts[-1]

    def _mix_reader(self, part: _Part) -> tuple[Reader, int]:
        """Reads the sum of a part's stems, of which there are so many frames."""
        stems = [self._stems[number] for number in part.stems]

        def read(start: int, stop: int) -> FloatArray32:
            return np.asarray(np.sum([stem.read_stereo(start, stop) for stem in stems], axis=0))

        return read, max(stem.frames for stem in stems)

    def _second_opinion(self, part: _Part, context: TaskContext) -> dict[str, Any]:
        """What beat_this says of what was made, where it is here."""
        tracker = beat_tracker()
        if tracker is None:
            return {}
        read, longest = self._mix_reader(part)
        grid = grid_points(self._request.tempo, part.start, part.end)
        rate = self._request.timeline.sample_rate
        return {"beat_this": second_opinion(tracker, read, longest, rate, grid, context.check)}

    def _measure(self, part: _Part, context: TaskContext) -> GridDeviation:
        read, longest = self._mix_reader(part)
        tempo = self._request.tempo
        deviation = measure_audio(read, longest, tempo, part.start, part.end, context.check)
        if self._place != "ranges" or not deviation.is_sure:
            return deviation
        late = lateness_around(self._request.source, tempo, part.start, part.end, context.check)
        return deviation.beside(*late)

    def _fit_stem(
        self, number: int, part: _Part, deviation: GridDeviation, context: TaskContext
    ) -> Iterator[Output]:
        stem = self._stems[number]
        time_map = deviation.fitting_map(stem.frames, holds_start=part.holds_start, holds_end=part.holds_end)
        yield replace(stem.start, frames=stem.wanted, revises=number)
        rate = self._request.timeline.sample_rate
        for piece in warp_audio(stem.read, time_map, rate, context.check):
            yield StemAudio(number, piece)
        if stem.notes:
            yield StemNotes(number, stem.moved_notes(time_map))

    def _remarks(self, part: _Part, deviation: GridDeviation, *, fitted: bool) -> Iterator[Output]:
        # Of a range of a few beats nobody expects that its beat can be measured.
        if not deviation.is_sure and self._place == "ranges" and deviation.beats < MIN_BEATS:
            return
        sentence = _sentence(deviation, fitted=fitted)
        if not sentence:
            return
        if len(self._parts) > 1:
            number = self._parts.index(part) + 1
            sentence = say("Range {number}: {sentence}", number=number, sentence=sentence)
        yield Remark(sentence)


def _sentence(deviation: GridDeviation, *, fitted: bool) -> str:
    """What a musician should know; nothing where the music lies on the grid."""
    if not deviation.is_sure:
        return "Nothing was fitted to the grid: no clear beat could be measured in what was made."
    if not fitted:
        return ""
    return say(
        "Fitted to the grid: the music was off by {drift:.1f} ms a bar ({worst:.1f} in the worst one). `--fit off` "
        "keeps it as it was made.",
        drift=abs(deviation.drift_ms_per_bar),
        worst=deviation.worst_bar_ms,
    )
