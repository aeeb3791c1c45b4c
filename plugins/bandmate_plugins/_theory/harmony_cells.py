"""The beats of a range as cells, each of which has one chord."""

from __future__ import annotations

from bandmate_plugins._theory.note_harmony import HarmonyCell
from bandmate_protocol.tempo import TempoMap

_MIN_CELL_QUARTERS = 0.74


def beat_cells(tempo: TempoMap, start: float, end: float) -> list[HarmonyCell]:
    """The beats between two positions in frames, in quarters; short ones, as of eighths, are put together."""
    edges = [(tempo.quarters_at(beat.position), beat.index == 0) for beat in tempo.beats(start, end)]
    starts: list[tuple[float, bool]] = []
    for quarters, opens_bar in edges:
        if opens_bar or not starts or quarters - starts[-1][0] >= _MIN_CELL_QUARTERS:
            starts.append((quarters, opens_bar))
    ends = [quarters for quarters, _ in starts[1:]] + [tempo.quarters_at(end)]
    return [
        HarmonyCell(begin, stop, opens)
        for (begin, opens), stop in zip(starts, ends, strict=True)
        if stop > begin
    ]
