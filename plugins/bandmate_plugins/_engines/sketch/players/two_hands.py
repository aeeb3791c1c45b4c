"""Melody and chords on one instrument."""

from __future__ import annotations

from collections.abc import Callable

from bandmate_plugins._engines.sketch.players.chart import NoteEvent
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.theory.measures import Measure


class TwoHands:
    """Plays what two players would, on one instrument."""

    def __init__(self, melody: Musician, chords: Musician) -> None:
        self._melody, self._chords = melody, chords

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time: chords stay under the melody that sounds with them."""
        above = self._melody.play(measure)
        below = [event for event in self._chords.play(measure) if not _reaches_melody(above, event)]
        return sorted([*above, *below], key=lambda event: (event.start, event.pitch))


def hire_two_hands(melody: Callable[[], Musician], chords: Callable[[], Musician]) -> TwoHands:
    """One player for what two would play."""
    return TwoHands(melody(), chords())


def _reaches_melody(above: list[NoteEvent], event: NoteEvent) -> bool:
    return any(one.start < event.end and one.end > event.start and one.pitch <= event.pitch for one in above)
