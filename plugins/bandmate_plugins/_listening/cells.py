"""The project's grid as what listens to it needs it: measures, and the beats on which chords may change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import Beat, TempoMap


@dataclass(frozen=True, slots=True)
class GridMeasure:
    """A measure, in frames of the project."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class ChordCell:
    """A piece of the grid that has one chord, in frames of the project."""

    start: float
    end: float
    opens: bool
    """Whether a measure begins with it."""


def bar_measures(timeline: Timeline) -> Iterator[GridMeasure]:
    """The bars of a range."""
    tempo = TempoMap.from_timeline(timeline)
    for bar in tempo.bars(timeline.start_frame, timeline.end_frame):
        yield GridMeasure(bar.start, bar.end)


def beat_cells(tempo: TempoMap, start: float, end: float) -> list[ChordCell]:
    """The beats between two frames, dotted ones in compound metres, and what comes before the first."""
    places = [
        (max(beat.position, start), beat.index == 0)
        for beat in tempo.beats(start, end)
        if not (_is_compound(beat) and beat.index % 3)
    ]
    if not places or places[0][0] > start:
        places.insert(0, (start, False))
    ends = [*(place for place, _ in places[1:]), end]
    return [ChordCell(at, stop, opens) for (at, opens), stop in zip(places, ends, strict=True) if stop > at]


def _is_compound(beat: Beat) -> bool:
    return beat.denominator >= 8 and beat.numerator % 3 == 0
