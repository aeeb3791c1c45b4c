"""Chords and key of a stretch, cell by cell: what analysing, covering and playing along have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.chords import chord_clarity, detect_chords
from bandmate_plugins._listening.features import means_between
from bandmate_plugins._listening.key import DetectedKey, detect_key
from bandmate_plugins._listening.notes import NOTES_PER_SECOND, bass_classes, treble_classes
from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64, IntArray64
from bandmate_plugins._theory.keys import Key


@dataclass(frozen=True)
class DetectedHarmony:
    """What was detected of cells that follow one another."""

    states: list[int]
    """A state of `chords` for each cell."""
    key: DetectedKey | None
    treble: FloatArray64
    bass: FloatArray64
    """Pitch classes by cell, shape (cells, 12)."""
    fitted_changes: int
    """How often the chord changes where the fitted shapes alone tell it, which drums rarely move."""

    @property
    def clarity(self) -> float:
        """How well the chords fit what sounds in the mean, -1 to 1; 0 where there are none."""
        return chord_clarity(self.treble, self.bass, self.states)


def detect_harmony(
    strengths: FloatArray32, edges: FloatArray64, downbeats: IntArray64, key: Key | None = None
) -> DetectedHarmony:
    """Chords and key from the notes of `NoteRows.strengths`.

    `edges` are where cells begin, in seconds, rising; the last one goes on to the end. `downbeats` are the
    numbers of those that begin a bar. Chords are read twice: what they are without a key tells the key, in which
    they are read again; a `key` that is known takes its place there.
    """
    treble, bass = (
        means_between(classes(strengths), NOTES_PER_SECOND, edges)
        for classes in (treble_classes, bass_classes)
    )
    found = detect_key(treble, bass, detect_chords(treble, bass, downbeats))
    home = key or (found.key if found else None)
    states = detect_chords(treble, bass, downbeats, home)
    fitted = detect_chords(treble, bass, downbeats, home, by_rule=False)
    return DetectedHarmony(states, found, treble, bass, max(len(state_changes(fitted)) - 1, 0))


def state_changes(states: list[int]) -> NDArray[np.int64]:
    """The numbers of the cells that have another chord than the cell before; the first one is among them."""
    return np.flatnonzero(np.diff(states, prepend=-1))
