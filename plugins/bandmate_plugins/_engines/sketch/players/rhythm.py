"""Rhythms of pitched parts: a genre's pattern as strokes in a measure's metre."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_plugins._engines.sketch.library import Pattern, strip_spacing
from bandmate_plugins._engines.sketch.players.chart import Chart
from bandmate_plugins._engines.sketch.theory.measures import MIDDLE_STEP, NO_STEP, Measure

HOLD, REST = "_", "-"


@dataclass(frozen=True, slots=True)
class RhythmStroke:
    """A note to be, in quarters, with the pattern's letter for it and the step that it fell on."""

    start: float
    end: float
    letter: str
    strong: bool
    """On a beat."""


def pattern_strokes(chart: Chart, measure: Measure, pattern: Pattern) -> list[RhythmStroke]:
    """The strokes of a measure: a letter begins one, `_` holds it, `-` ends it."""
    plain = strip_spacing(pattern)
    bars = max(1, len(plain) // 16)
    found: list[RhythmStroke] = []
    open_letter, open_start, open_strong = "", 0.0, False
    for beat in measure.beats:
        place = (measure.index % bars * 4 + beat.role) * 4
        for step, source in enumerate(beat.steps):
            letter = HOLD if source in (NO_STEP, MIDDLE_STEP) else plain[place + source]
            if letter == HOLD:
                continue
            start = beat.step_time(step, chart.swing, chart.genre.swing_unit)
            if open_letter:
                found.append(RhythmStroke(open_start, start, open_letter, open_strong))
            open_letter = "" if letter == REST else letter
            open_start, open_strong = start, step == 0
    if open_letter:
        found.append(RhythmStroke(open_start, measure.end, open_letter, open_strong))
    return [stroke for stroke in found if stroke.start < measure.end - 1e-6]
