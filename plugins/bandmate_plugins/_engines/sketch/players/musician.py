"""What every player of the band is."""

from __future__ import annotations

from typing import Protocol

from bandmate_plugins._engines.sketch.players.chart import NoteEvent
from bandmate_plugins._engines.sketch.theory.measures import Measure


class Musician(Protocol):
    """Who plays a part."""

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time; called for one measure after another."""
        ...
