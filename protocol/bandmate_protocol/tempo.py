"""Musical time: frames to quarter notes, bars and beats, and back.

A linear point runs evenly in time (not in beats) to the next point's tempo, as REAPER's gradual changes do;
quarter notes are then the integral of the tempo over time, a quadratic that inverts in closed form.
Positions are floats in frames; `whole` rounds one to the frame that plays it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, TempoPoint, Timeline

_HALF_FRAME = 0.5
"""Ranges start and end on whole frames, so a position this close to a barline lies on it."""

_ONE_FRAME = 1 + 1e-6
"""How far a barline may miss the end of a range: half a frame by its rounding, half by the start's."""


def whole(position: float) -> int:
    """The frame nearest to a position; halves go up, so that neighbours round alike."""
    return math.floor(position + 0.5)


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


@dataclass(frozen=True, slots=True)
class _Segment:
    """From one tempo point to the next: frames and quarters at its start, tempo at both ends."""

    frame: float
    quarter: float
    bpm: float
    end_bpm: float
    frames: float

    def quarters_after(self, frames: float, rate: int) -> float:
        seconds = frames / rate
        if self.bpm == self.end_bpm or frames <= 0:
            return self.bpm * seconds / 60
        slope = (self.end_bpm - self.bpm) / (self.frames / rate)
        return (self.bpm + slope * seconds / 2) * seconds / 60

    def frames_after(self, quarters: float, rate: int) -> float:
        if self.bpm == self.end_bpm or quarters <= 0:
            return quarters * 60 / self.bpm * rate
        slope = (self.end_bpm - self.bpm) / (self.frames / rate)
        # The form without cancellation of the quadratic's root.
        root = math.sqrt(max(self.bpm * self.bpm + 120 * quarters * slope, 0.0))
        return 120 * quarters / (self.bpm + root) * rate


@dataclass(frozen=True, slots=True)
class _Metre:
    """A run of bars of one metre; `quarter` is where its bar `bar` begins."""

    quarter: float
    bar: int
    numerator: int
    denominator: int

    @property
    def bar_quarters(self) -> float:
        return self.numerator * 4 / self.denominator


class TempoMap:
    """Tempo and metre along a project.

    ``points`` in rising order of position; what lies before the first has its tempo. ``bar`` and ``beat`` (of
    the denominator, since the bar began) say how the position ``anchor`` counts. Bars before the anchor are
    counted in the metre that holds there. Raises RequestError (`bad_timeline`) for points out of order.
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
        self._segments = _segments(self.points, sample_rate)
        self._starts = [segment.frame for segment in self._segments]
        self._quarters = [segment.quarter for segment in self._segments]
        self._metres = self._metre_runs(bar, beat)

    @classmethod
    def of(cls, timeline: Timeline) -> TempoMap:
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
        segment = self._segments[max(bisect_right(self._starts, position) - 1, 0)]
        return segment.quarter + segment.quarters_after(position - segment.frame, self.sample_rate)

    def position_at(self, quarters: float) -> float:
        """The position in frames that many quarters from the first tempo point; inverts `quarters_at`."""
        segment = self._segments[max(bisect_right(self._quarters, quarters) - 1, 0)]
        return segment.frame + segment.frames_after(quarters - segment.quarter, self.sample_rate)

    def bpm_at(self, position: float) -> float:
        """The tempo at a position, in quarter notes a minute."""
        segment = self._segments[max(bisect_right(self._starts, position) - 1, 0)]
        if segment.bpm == segment.end_bpm or position <= segment.frame:
            return segment.bpm
        return segment.bpm + (segment.end_bpm - segment.bpm) * (position - segment.frame) / segment.frames

    def metre_at(self, position: float) -> tuple[int, int]:
        """Numerator and denominator at a position."""
        metre = self._metre_for(self.quarters_at(position + _HALF_FRAME))
        return metre.numerator, metre.denominator

    def place(self, position: float) -> tuple[int, float]:
        """Bar number and beats of the denominator since that bar began, to the nearest frame."""
        reached = self.quarters_at(position + _HALF_FRAME)
        metre = self._metre_for(reached)
        bars = math.floor((reached - metre.quarter) / metre.bar_quarters)
        into = self.quarters_at(position) - metre.quarter - bars * metre.bar_quarters
        return metre.bar + bars, max(into, 0.0) * metre.denominator / 4

    def position_of(self, bar: int, beat: float = 0.0) -> float:
        """The position in frames of a bar and a beat in it (of the denominator, from zero)."""
        metre = self._metres[0]
        for later in self._metres[1:]:
            if later.bar <= bar:
                metre = later
        quarters = metre.quarter + (bar - metre.bar) * metre.bar_quarters + beat * 4 / metre.denominator
        return self.position_at(quarters)

    def bars(self, start: float, end: float) -> Iterator[Bar]:
        """The bars that a range touches, the first and last whole."""
        number = self.place(start)[0]
        while True:
            position = self.position_of(number)
            if position >= end - _ONE_FRAME and number > self.place(start)[0]:
                return
            numerator, denominator = self.metre_at(position + 1e-3)
            yield Bar(number, position, self.position_of(number + 1), numerator, denominator)
            number += 1

    def beats(self, start: float, end: float) -> Iterator[Beat]:
        """The beats of the denominator that lie in [start, end)."""
        for bar in self.bars(start, end):
            for index in range(bar.numerator):
                position = self.position_of(bar.number, index)
                if position >= bar.end - 1e-3 or position >= end - _ONE_FRAME:
                    break
                if position >= start - _HALF_FRAME:
                    yield Beat(position, bar.number, index, bar.numerator, bar.denominator)

    def timeline(
        self,
        start_frame: int,
        end_frame: int,
        *,
        key: str | None = None,
        chords: Sequence[ChordMark] = (),
        context_before_frames: int = 0,
        context_after_frames: int = 0,
    ) -> Timeline:
        """The timeline of a range: the tempo points that it needs and the bar and beat at its start."""
        first = max(bisect_right(self._starts, start_frame) - 1, 0)
        last = first
        while last + 1 < len(self.points) and self.points[last + 1].position < end_frame:
            last += 1
        if self.points[last].shape == "linear" and last + 1 < len(self.points):
            last += 1
        bar, beat = self.place(start_frame)
        # The point in force may hold a metre set by an earlier one; say the one that holds.
        numerator, denominator = self.metre_at(start_frame)
        points = list(self.points[first : last + 1])
        points[0] = _with_metre(points[0], numerator, denominator, min(points[0].position, start_frame))
        return Timeline(
            sample_rate=self.sample_rate,
            start_frame=start_frame,
            end_frame=end_frame,
            tempo=tuple(points),
            bar=bar,
            beat=beat,
            context_before_frames=context_before_frames,
            context_after_frames=context_after_frames,
            key=key,
            chords=tuple(chord for chord in chords if chord.position < end_frame),
        )

    def _metre_for(self, quarters: float) -> _Metre:
        found = self._metres[0]
        for metre in self._metres[1:]:
            if metre.quarter > quarters:
                break
            found = metre
        return found

    def _metre_runs(self, bar: int, beat: float) -> list[_Metre]:
        held = self.points[max(bisect_right(self._starts, self.anchor) - 1, 0)]
        origin = self.quarters_at(self.anchor) - beat * 4 / held.denominator
        runs = [_Metre(origin, bar, held.numerator, held.denominator)]
        # What a bar may lack to be full: the anchor was rounded to a frame, at whatever tempo.
        slack = max(point.bpm for point in self.points) / 60 / self.sample_rate
        for point in self.points:
            before = runs[-1]
            same = (point.numerator, point.denominator) == (before.numerator, before.denominator)
            if point.position <= self.anchor or (same and not point.starts_bar):
                continue
            quarters = self.quarters_at(point.position)
            bars = math.ceil((quarters - before.quarter - slack) / before.bar_quarters)
            runs.append(_Metre(quarters, before.bar + bars, point.numerator, point.denominator))
        return runs


def check_timeline(timeline: Timeline) -> None:
    """Raises RequestError (`bad_timeline`) when a timeline is empty or its tempo map does not cover it."""
    if timeline.end_frame <= timeline.start_frame:
        raise _bad_timeline(
            f"The range is empty: it starts at frame {timeline.start_frame}, ends at {timeline.end_frame}.",
            "Ask for a range that ends after it starts.",
        )
    _check_order(timeline.tempo)
    if timeline.tempo[0].position > timeline.start_frame:
        raise _bad_timeline(
            "The first tempo point lies after the start of the range.", "Send the one in force at the start."
        )


def _check_order(points: Sequence[TempoPoint]) -> None:
    if not points:
        raise _bad_timeline("The tempo map is empty.", "Send at least one tempo point.")
    for before, after in pairwise(points):
        if after.position <= before.position:
            raise _bad_timeline(
                f"The tempo points at {before.position:g} and {after.position:g} are not in rising order.",
                "Send one point for each position, in order.",
            )


def _bad_timeline(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.BAD_TIMELINE, sentence, remedy)


def _segments(points: Sequence[TempoPoint], rate: int) -> list[_Segment]:
    segments: list[_Segment] = []
    quarter = 0.0
    for index, point in enumerate(points):
        following = points[index + 1] if index + 1 < len(points) else None
        frames = following.position - point.position if following else math.inf
        linear = following is not None and point.shape == "linear"
        end_bpm = following.bpm if following and linear else point.bpm
        segment = _Segment(point.position, quarter, point.bpm, end_bpm, frames)
        segments.append(segment)
        if following:
            quarter += segment.quarters_after(frames, rate)
    return segments


def _with_metre(point: TempoPoint, numerator: int, denominator: int, position: float) -> TempoPoint:
    return TempoPoint(
        position=position,
        bpm=point.bpm,
        numerator=numerator,
        denominator=denominator,
        shape=point.shape,
        starts_bar=point.starts_bar,
    )
