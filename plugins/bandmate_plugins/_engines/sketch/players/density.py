"""Plays with a lighter or a busier hand: the same part with fewer notes, or with more between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.theory.measures import Measure

_BUSY_DRUMS = (
    ("snare", 0.30, (34, 60)),
    ("hat", 0.55, (48, 78)),
    ("kick", 0.16, (70, 96)),
)
"""What is added between: how likely at a full measure of it, and how loud."""
_WEAK = 62
"""Hits softer than this go first."""


class DensityMusician:
    """A musician whose density is turned up (to 1) or down (to -1)."""

    def __init__(self, inner: Musician, chart: Chart, name: str, amount: float, drums: bool) -> None:
        self._inner, self._chart, self._name = inner, chart, name
        self._amount, self._drums = amount, drums

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        events = self._inner.play(measure)
        rng = self._chart.random_for(self._name, "touch", measure.index)
        if self._amount < 0:
            return _thin_events(events, measure, -self._amount, rng)
        if self._amount > 0:
            added = self._add_hits if self._drums else _divide_notes
            return added(events, measure, self._amount, rng)
        return events

    def _add_hits(
        self, events: list[NoteEvent], measure: Measure, amount: float, rng: np.random.Generator
    ) -> list[NoteEvent]:
        """Hits on steps where the drum rests, those that the pattern has itself left alone."""
        played = {(round(event.start, 4), event.pitch) for event in events}
        found = list(events)
        hats = {event.pitch for event in events}
        genre, swing = self._chart.genre, self._chart.swing
        for beat in measure.beats:
            for step in range(len(beat.steps)):
                start = beat.step_time(step, swing, genre.swing_unit)
                if step == 0 or start >= measure.end - 1e-6:
                    continue
                for name, chance, (low, high) in _BUSY_DRUMS:
                    pitch = _steady_cymbal(hats) if name == "hat" else DRUM_PITCHES[name]
                    if (round(start, 4), pitch) in played or rng.random() > chance * amount:
                        continue
                    lag = genre.drums.lag_ms.get(name, 0.0)
                    found.append(NoteEvent(start, start + 0.25, pitch, int(rng.integers(low, high)), lag))
        return sorted(found, key=lambda event: (event.start, event.pitch))


def _steady_cymbal(played: set[int]) -> int:
    """The cymbal that keeps the time."""
    names = ("ride", "shaker", "hat")
    return next((DRUM_PITCHES[name] for name in names if DRUM_PITCHES[name] in played), DRUM_PITCHES["hat"])


def _thin_events(
    events: list[NoteEvent], measure: Measure, amount: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """Leaves out soft notes, and of the others first those that do not fall on a beat."""
    beats = [beat.start for beat in measure.beats]
    kept: list[NoteEvent] = []
    for event in events:
        on_beat = min((abs(event.start - at) for at in beats), default=1.0) < 0.02
        chance = 0.15 if on_beat else 0.8
        if event.velocity < _WEAK:
            chance = 0.9
        if rng.random() >= chance * amount or (event is events[0]):
            kept.append(event)
    return kept


def _divide_notes(
    events: list[NoteEvent], measure: Measure, amount: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """Long notes are struck again half-way, a little softer."""
    step = min(beat.quarters / len(beat.steps) for beat in measure.beats)
    found: list[NoteEvent] = []
    turns: dict[float, bool] = {}
    for event in events:
        length = event.end - event.start
        # The voices of a chord are struck again together.
        if event.start not in turns:
            turns[event.start] = rng.random() < 0.9 * amount
        if length < 1.6 * step or not turns[event.start]:
            found.append(event)
            continue
        pieces = 4 if length > 6 * step and amount > 0.6 else 2
        for number in range(pieces):
            start, end = (event.start + length * (number + more) / pieces for more in (0, 1))
            velocity = event.velocity if number == 0 else max(event.velocity - 10, 1)
            found.append(replace(event, start=start, end=end, velocity=velocity))
    return sorted(found, key=lambda event: (event.start, event.pitch))
