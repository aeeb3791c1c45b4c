"""Musical time: frames to quarter notes, bars and beats, and back.

A linear point runs evenly in time (not in beats) to the next point's tempo, as REAPER's gradual changes do;
quarter notes are then the integral of the tempo over time, a quadratic that inverts in closed form.
Positions are floats in frames; `whole` rounds one to the frame that plays it. Ranges start and end on whole
frames and barlines lie between them, so a barline within half a frame of a position counts as lying on it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import msgspec

from bandmate_protocol._scales import BarScale, MetreRun, QuarterScale, metre_runs
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, TempoPoint, Timeline

MAX_TEMPO_POINTS: Final = 4096
"""Tempo points of one timeline."""

_TIE: Final = 1e-3
"""What a half may lack of a frame from rounding errors and still be a half."""

_HALF_FRAME: Final = 0.5
"""How far a barline may lie from the whole frame that stands for it."""

_BARLINE_LOOKAHEAD: Final = _HALF_FRAME - _TIE
"""How far ahead a barline may lie and count as reached: as `whole` has it, where halves go up."""

_END_SLACK: Final = 1.0 + _TIE
"""How far a barline may miss the end of a range: half a frame by its rounding, half by the start's."""

_EXACT_FRAMES: Final = 1e-6
"""Frames under which a position is on a barline to the last digit."""


def nearest_frame(position: float) -> int:
    """The frame nearest to a position; halves go up, so that neighbours round alike."""
    return math.floor(position + 0.5 + _TIE)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `end` is cut short where a new metre begins before the bar is full."""

    number: int
    start: float
    """Frames."""
    end: float
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of the metre's denominator."""

    position: float
    """Frames."""
    bar: int
    index: int
    """Counted from zero in its bar."""
    numerator: int
    denominator: int


class TempoMap:
    """Tempo and metre along a project.

    ``points`` in rising order of position; what lies before the first has its tempo. ``bar`` and ``beat`` (of
    the denominator, since the bar began) say how the position ``anchor`` counts. Bars before the anchor are
    counted in the metre that holds there. Raises RequestError (`bad_timeline`) when the points are not in
    order.
    """

    def __init__(
        self,
        points: Sequence[TempoPoint],
        sample_rate: int,
        *,
        anchor: float = 0.0,
        bar: int = 1,
        beat: float = 0.0,
    ) -> None:
        _check_order(points)
        self.points = tuple(points)
        self.sample_rate = sample_rate
        self.anchor = anchor
        self._scale = QuarterScale(self.points, sample_rate)
        held = self.points[self._scale.index_at(anchor)]
        origin = self._scale.quarters_at(anchor) - beat * 4 / held.denominator
        first = MetreRun(origin, bar, held.numerator, held.denominator)
        self._bars = BarScale(metre_runs(self.points, self._scale, first, anchor))

    @classmethod
    def from_timeline(cls, timeline: Timeline) -> TempoMap:
        """The map of a timeline, anchored at its start."""
        return cls(
            timeline.tempo,
            timeline.sample_rate,
            anchor=float(timeline.start_frame),
            bar=timeline.bar,
            beat=timeline.beat,
        )

    def quarters_at(self, position: float) -> float:
        """Quarter notes from the first tempo point to a position in frames."""
        return self._scale.quarters_at(position)

    def position_at(self, quarters: float) -> float:
        """The position in frames so many quarter notes from the first tempo point; inverts `quarters_at`."""
        return self._scale.position_at(quarters)

    def bpm_at(self, position: float) -> float:
        """The tempo at a position, in quarter notes a minute."""
        return self._scale.bpm_at(position)

    def metre_at(self, position: float) -> tuple[int, int]:
        """Numerator and denominator at a position."""
        metre = self._bars.run_at(self.quarters_at(position + _BARLINE_LOOKAHEAD))
        return metre.numerator, metre.denominator

    def bar_beat_at(self, position: float) -> tuple[int, float]:
        """Bar number and beats of the denominator since that bar began, zero where it is about to begin."""
        bar, beat = self._signed_bar_beat_at(position)
        return bar, max(beat, 0.0)

    def position_of(self, bar: int, beat: float = 0.0) -> float:
        """The position in frames of a bar and a beat in it (of the denominator, from zero)."""
        metre = self._bars.run_of_bar(bar)
        quarters = metre.quarter + (bar - metre.bar) * metre.bar_quarters + beat * 4 / metre.denominator
        return self.position_at(quarters)

    def bars(self, start: float, end: float) -> Iterator[Bar]:
        """The bars that a range touches, the first and last whole; at least one."""
        number = self.bar_beat_at(start)[0]
        position = self.position_of(number)
        last = end - _end_slack(start, end)
        while True:
            metre = self._bars.run_of_bar(number)
            following = self.position_of(number + 1)
            yield Bar(number, position, following, metre.numerator, metre.denominator)
            if following >= last:
                return
            number, position = number + 1, following

    def beats(self, start: float, end: float) -> Iterator[Beat]:
        """The beats of the denominator that lie in [start, end), give or take the rounding of both ends."""
        last = end - _end_slack(start, end)
        for bar in self.bars(start, end):
            stop = min(bar.end - _HALF_FRAME, last)
            for index in range(bar.numerator):
                position = self.position_of(bar.number, index)
                if position >= stop:
                    break
                if position >= start - _HALF_FRAME - _TIE:
                    yield Beat(position, bar.number, index, bar.numerator, bar.denominator)

    def timeline_between(
        self,
        start_frame: int,
        end_frame: int,
        *,
        key: str | None = None,
        chords: Sequence[ChordMark] = (),
        context_before_frames: int = 0,
        context_after_frames: int = 0,
    ) -> Timeline:
        """The timeline of a range: the tempo points that it needs and the bar and beat at its start.

        Within the range, its map gives the same positions as this one. Raises RequestError (`bad_timeline`)
        when there are more points in the range than one timeline holds.
        """
        bar, beat = self._signed_bar_beat_at(start_frame)
        return Timeline(
            sample_rate=self.sample_rate,
            start_frame=start_frame,
            end_frame=end_frame,
            tempo=self._points_for(start_frame, end_frame),
            bar=bar,
            beat=beat,
            context_before_frames=context_before_frames,
            context_after_frames=context_after_frames,
            key=key,
            chords=tuple(chord for chord in chords if chord.position < end_frame),
        )

    def _signed_bar_beat_at(self, position: float) -> tuple[int, float]:
        """Like `place`, with the beat a little under zero where the barline lies after the position."""
        reached = self.quarters_at(position + _BARLINE_LOOKAHEAD)
        metre = self._bars.run_at(reached)
        bars = math.floor((reached - metre.quarter) / metre.bar_quarters)
        start = metre.quarter + bars * metre.bar_quarters
        if abs(self.position_at(start) - position) < _EXACT_FRAMES:
            return metre.bar + bars, 0.0
        return metre.bar + bars, (self.quarters_at(position) - start) * metre.denominator / 4

    def _points_for(self, start_frame: int, end_frame: int) -> tuple[TempoPoint, ...]:
        """The points that a range needs, with the metres that this map gives them."""
        first = self._scale.index_at(start_frame)
        # A metre that begins at the end cuts the last bar, also when its point rounds down to there.
        last = max(bisect_right(self.points, end_frame + _HALF_FRAME, key=_point_position) - 1, first)
        if self.points[last].shape == "linear" and last + 1 < len(self.points):
            last += 1
        numerator, denominator = self.metre_at(start_frame)
        points: list[TempoPoint] = []
        for point in self.points[first : last + 1]:
            if point.position <= max(self.anchor, start_frame):
                held = msgspec.structs.replace(point, numerator=numerator, denominator=denominator)
                point = msgspec.structs.replace(held, starts_bar=False)
            points.append(point)
        if points[0].position > start_frame:
            # What lies before the first point has its tempo.
            moved = msgspec.structs.replace(points[0], position=float(start_frame), shape="square")
            before = msgspec.structs.replace(moved, numerator=numerator, denominator=denominator)
            points.insert(0, msgspec.structs.replace(before, starts_bar=False))
        if len(points) > MAX_TEMPO_POINTS:
            raise _bad_timeline(
                f"The range has {len(points)} tempo changes; at most {MAX_TEMPO_POINTS} are allowed.",
                "Choose a shorter range.",
            )
        return tuple(points)


def check_timeline(timeline: Timeline) -> None:
    """Raises RequestError (`bad_timeline`) when a timeline is empty or its tempo map does not cover it."""
    if timeline.end_frame <= timeline.start_frame:
        raise _bad_timeline(
            f"The range is empty: it starts at frame {timeline.start_frame} and ends at {timeline.end_frame}.",
            "Choose a range that ends after it starts.",
        )
    _check_order(timeline.tempo)
    if timeline.tempo[0].position > timeline.start_frame:
        raise _bad_timeline(
            "The first tempo point is after the start of the range.", "Send the tempo in force at the start."
        )


def _point_position(point: TempoPoint) -> float:
    return point.position


def _end_slack(start: float, end: float) -> float:
    """A range of a frame or two keeps what is in it."""
    return min(_END_SLACK, (end - start) / 2)


def _check_order(points: Sequence[TempoPoint]) -> None:
    if not points:
        raise _bad_timeline("The tempo map is empty.", "Send at least one tempo point.")
    for before, after in pairwise(points):
        if after.position <= before.position:
            raise _bad_timeline(
                f"The tempo points at {before.position:g} and {after.position:g} are not in ascending order.",
                "Send one point per position, in ascending order.",
            )


def _bad_timeline(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.BAD_TIMELINE, sentence, remedy)
