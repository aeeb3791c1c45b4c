"""The project's grid as what listens to it needs it: measures, and the cells that have one chord each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap


@dataclass(frozen=True, slots=True)
class GridMeasure:
    """A measure, in frames of the project."""

    start: float
    end: float
    middle: float | None = None
    """Where its second half begins; None where it has no halves."""


@dataclass(frozen=True, slots=True)
class ChordCell:
    """A piece of the grid that has one chord, in frames of the project."""

    start: float
    end: float
    opens: bool
    """Whether a measure begins with it."""


def bar_measures(timeline: Timeline) -> Iterator[GridMeasure]:
    """The bars of a range, in halves where their numerator is even and above two."""
    tempo = TempoMap.from_timeline(timeline)
    for bar in tempo.bars(timeline.start_frame, timeline.end_frame):
        halved = bar.numerator % 2 == 0 and bar.numerator > 2
        middle = tempo.position_of(bar.number, bar.numerator / 2) if halved else None
        yield GridMeasure(bar.start, bar.end, middle)


def half_measures(measures: Iterable[GridMeasure], start: float, end: float) -> list[ChordCell]:
    """The halves of measures, or whole ones where they have none, between two frames."""
    cells: list[ChordCell] = []
    for one in measures:
        borders = (one.start, one.end) if one.middle is None else (one.start, one.middle, one.end)
        frames = [min(max(border, start), end) for border in borders]
        cells.extend(ChordCell(a, b, place == 0) for place, (a, b) in enumerate(pairwise(frames)) if b > a)
    return cells
