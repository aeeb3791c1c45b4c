"""The two scales of a tempo map: frames against quarter notes, and quarter notes against bars."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_protocol.messages import TempoPoint


@dataclass(frozen=True, slots=True)
class _Segment:
    """From one tempo point to the next: frames and quarters at its start, tempo at both ends."""

    frame: float
    quarter: float
    bpm: float
    end_bpm: float
    frames: float

    def quarters_after(self, frames: float, rate: int) -> float:
        # Before the first point its tempo holds.
        if self.bpm == self.end_bpm or frames <= 0:
            return self.bpm * frames / (60 * rate)
        mean_bpm = self.bpm + (self.end_bpm - self.bpm) * (frames / self.frames) / 2
        return mean_bpm * frames / (60 * rate)

    def frames_after(self, quarters: float, rate: int) -> float:
        if self.bpm == self.end_bpm or quarters <= 0:
            return quarters * 60 * rate / self.bpm
        share = quarters / self.quarters_after(self.frames, rate)
        reached = self.bpm**2 + (self.end_bpm**2 - self.bpm**2) * share
        # The form of the quadratic's root that does not subtract nearly equal numbers.
        return 120 * quarters / (self.bpm + math.sqrt(max(reached, 0.0))) * rate


class QuarterScale:
    """Frames to quarter notes from the first tempo point, and back; both ways in logarithmic time."""

    def __init__(self, points: Sequence[TempoPoint], rate: int) -> None:
        self._rate = rate
        self._segments = _segments(points, rate)
        self._starts = [segment.frame for segment in self._segments]
        self._quarters = [segment.quarter for segment in self._segments]

    def index_at(self, position: float) -> int:
        """Which point is in force at a position; the first one also before it."""
        return max(bisect_right(self._starts, position) - 1, 0)

    def quarters_at(self, position: float) -> float:
        """Quarter notes at a position in frames."""
        segment = self._segments[self.index_at(position)]
        return segment.quarter + segment.quarters_after(position - segment.frame, self._rate)

    def position_at(self, quarters: float) -> float:
        """The position in frames of so many quarter notes."""
        segment = self._segments[max(bisect_right(self._quarters, quarters) - 1, 0)]
        return segment.frame + segment.frames_after(quarters - segment.quarter, self._rate)

    def bpm_at(self, position: float) -> float:
        """The tempo at a position."""
        segment = self._segments[self.index_at(position)]
        if segment.bpm == segment.end_bpm or position <= segment.frame:
            return segment.bpm
        share = (position - segment.frame) / segment.frames
        return segment.bpm + (segment.end_bpm - segment.bpm) * share


def _segments(points: Sequence[TempoPoint], rate: int) -> list[_Segment]:
    segments: list[_Segment] = []
    quarter = lost = 0.0
    for index, point in enumerate(points):
        following = points[index + 1] if index + 1 < len(points) else None
        frames = following.position - point.position if following else math.inf
        end_bpm = following.bpm if following and point.shape == "linear" else point.bpm
        segment = _Segment(point.position, quarter + lost, point.bpm, end_bpm, frames)
        segments.append(segment)
        if following:
            # Neumaier's summation: thousands of points add up as exactly as one.
            step = segment.quarters_after(frames, rate)
            total = quarter + step
            lost += (quarter - total) + step if quarter >= step else (step - total) + quarter
            quarter = total
    return segments


@dataclass(frozen=True, slots=True)
class MetreRun:
    """A run of bars of one metre; ``quarter`` is where its bar ``bar`` begins."""

    quarter: float
    bar: int
    numerator: int
    denominator: int

    @property
    def bar_quarters(self) -> float:
        """Quarter notes of a full bar."""
        return self.numerator * 4 / self.denominator


class BarScale:
    """Quarter notes to bars, and back."""

    def __init__(self, runs: Sequence[MetreRun]) -> None:
        self._runs = runs
        self._quarters = [run.quarter for run in runs]
        self._bars = [run.bar for run in runs]

    def run_at(self, quarters: float) -> MetreRun:
        """The run that holds at a quarter note; before all of them the first."""
        return self._runs[max(bisect_right(self._quarters, quarters) - 1, 0)]

    def run_of_bar(self, bar: int) -> MetreRun:
        """The run that a bar belongs to."""
        return self._runs[max(bisect_right(self._bars, bar) - 1, 0)]


def metre_runs(
    points: Sequence[TempoPoint], scale: QuarterScale, first: MetreRun, anchor: float
) -> list[MetreRun]:
    """The runs of bars from ``first`` on, which holds at ``anchor``; a new metre begins a bar."""
    runs = [first]
    anchor_frame = scale.quarters_at(anchor + 1) - scale.quarters_at(anchor)
    for point in points:
        before = runs[-1]
        same = (point.numerator, point.denominator) == (before.numerator, before.denominator)
        if point.position <= anchor or (same and not point.starts_bar):
            continue
        quarters = scale.quarters_at(point.position)
        # Anchor and point may be rounded, so a bar that lacks or exceeds a frame is full.
        slack = max(anchor_frame, quarters - scale.quarters_at(point.position - 1))
        bars = math.ceil((quarters - before.quarter - slack) / before.bar_quarters)
        runs.append(MetreRun(quarters, before.bar + bars, point.numerator, point.denominator))
    return runs
