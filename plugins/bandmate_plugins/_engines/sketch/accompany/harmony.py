"""Chords for a melody: the best path through the chords of its key.

A chord earns what its tones are in the melody and pays for those that are not, the more the longer and
stronger they are; the way from chord to chord is worth what functional harmony gives it, and phrases end on
the tonic or the dominant (a hidden Markov model as in Simon, Morris and Basu, "MySong", CHI 2008, with the
tables of a textbook in place of counted ones).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bandmate_plugins._listening.key import profile_key
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.chords import Chord, parse_chord, parse_numeral
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.pitch_names import PITCH_NAMES

_SURE_KEY = 0.72
_MIN_NOTES = 5
_MAJOR = ("I", "ii", "iii", "IV", "V", "vi", "V7")
_MINOR = ("i", "III", "iv", "V", "VI", "VII", "V7")
_CHORD_PREFERENCES = {
    "I": 0.15, "IV": 0.1, "V": 0.05, "vi": 0.05, "iii": -0.12, "V7": -0.1,
    "i": 0.15, "iv": 0.1, "VI": 0.08, "VII": 0.03, "III": -0.02,
}  # fmt: skip
_PROGRESSION_SCORES = {
    ("V", "I"): 0.5, ("V7", "I"): 0.7, ("V", "vi"): 0.15, ("V7", "vi"): 0.15, ("V", "IV"): -0.3,
    ("V", "ii"): -0.4, ("IV", "V"): 0.3, ("IV", "V7"): 0.3, ("IV", "I"): 0.2, ("IV", "ii"): 0.1,
    ("ii", "V"): 0.4, ("ii", "V7"): 0.5, ("ii", "I"): -0.3, ("vi", "ii"): 0.2, ("vi", "IV"): 0.3,
    ("vi", "V"): 0.1, ("iii", "vi"): 0.2, ("iii", "IV"): 0.15, ("I", "IV"): 0.1, ("I", "vi"): 0.1,
    ("I", "V"): 0.1, ("V", "i"): 0.5, ("V7", "i"): 0.7, ("VII", "III"): 0.3, ("VII", "i"): 0.2,
    ("VI", "VII"): 0.3, ("VI", "III"): 0.15, ("VI", "iv"): 0.15, ("iv", "V"): 0.35, ("iv", "V7"): 0.35,
    ("iv", "i"): 0.1, ("iv", "VII"): 0.2, ("III", "VI"): 0.2, ("i", "VI"): 0.1, ("i", "iv"): 0.1,
    ("i", "VII"): 0.1, ("V", "VI"): 0.15, ("V7", "VI"): 0.15,
}  # fmt: skip
"""What a step from one chord to another is worth; others cost `_UNLISTED_SCORE`."""
_UNLISTED_SCORE = -0.1
_CHANGE_IN_MEASURE = -0.45
"""What a change inside a measure costs."""
_CHORD_TONE_SCORES = (1.0, 0.95, 0.8)
"""What the root, the third and the fifth of a chord are worth in the melody."""
_AGAINST, _PASSING = -0.7, -0.35
"""What a tone of the scale that the chord has not is worth, and one that is not in the scale."""


@dataclass(frozen=True, slots=True)
class MelodyCell:
    """What of a melody lies in a cell."""

    start: float
    """Quarters, as the cell."""
    opens: bool
    """Whether a measure begins with it."""
    closes: bool
    """Whether a phrase ends in it."""
    weights: tuple[float, ...]
    """How much each of the twelve pitch classes sounds."""


def melody_key(cells: Sequence[MelodyCell], notes: int) -> tuple[Key, bool]:
    """The key that a melody is in, and whether that is clear."""
    total = np.sum([cell.weights for cell in cells], axis=0) if cells else np.zeros(12)
    key, fit = profile_key(total)
    return key, fit >= _SURE_KEY and notes >= _MIN_NOTES


def harmonise_melody(cells: Sequence[MelodyCell], key: Key, clear: bool) -> list[tuple[float, Chord]]:
    """A chord for each cell, by the place where it begins; without a clear key, by the tones alone."""
    if not cells:
        return []
    names, chords = _diatonic_chords(key) if clear else _all_triads()
    fits = np.array([[_chord_fit(cell, chord, key, clear) for chord in chords] for cell in cells])
    if clear:
        fits += np.array([_CHORD_PREFERENCES.get(name, 0.0) for name in names])
        fits += _cadence_bonus(cells, names)
    path = _best_chord_path(fits, _transition_scores(names, chords, clear), [cell.opens for cell in cells])
    found: list[tuple[float, Chord]] = []
    for cell, number in zip(cells, path, strict=True):
        if not found or found[-1][1] != chords[number]:
            found.append((cell.start, chords[number]))
    return found


def _diatonic_chords(key: Key) -> tuple[tuple[str, ...], list[Chord]]:
    names = _MINOR if key.is_minor else _MAJOR
    return names, [
        parse_numeral(name, Key(key.tonic, "minor" if key.is_minor else "major")) for name in names
    ]


def _all_triads() -> tuple[tuple[str, ...], list[Chord]]:
    names = tuple(root + third for third in ("", "m") for root in PITCH_NAMES)
    found = [parse_chord(name) for name in names]
    return names, [chord for chord in found if chord is not None]


def _chord_fit(cell: MelodyCell, chord: Chord, key: Key, clear: bool) -> float:
    total = sum(cell.weights)
    if total <= 0:
        return 0.0
    worth = {
        (chord.root + step) % 12: value
        for step, value in zip(chord.intervals, _CHORD_TONE_SCORES, strict=False)
    }
    for step in chord.intervals[3:]:
        worth[(chord.root + step) % 12] = 0.4
    scale = frozenset(key.scale) if clear else frozenset(range(12))
    earned = sum(
        weight * worth.get(tone, _AGAINST if tone in scale else _PASSING)
        for tone, weight in enumerate(cell.weights)
    )
    return 1.5 * earned / total * min(total, 1.0)


def _cadence_bonus(cells: Sequence[MelodyCell], names: Sequence[str]) -> FloatArray64:
    home = np.array([name in ("I", "i") for name in names], dtype=np.float64)
    half = np.array([name in ("V", "V7") for name in names], dtype=np.float64)
    found = np.zeros((len(cells), len(names)))
    found[0] += 0.3 * home
    for number, cell in enumerate(cells):
        if cell.closes:
            found[number] += 0.65 * home + 0.6 * half
    found[-1] += 0.9 * home
    return found


def _transition_scores(names: Sequence[str], chords: Sequence[Chord], clear: bool) -> FloatArray64:
    """What the way from each chord to each other is worth."""
    size = len(names)
    steps = np.zeros((size, size))
    for before in range(size):
        for after in range(size):
            if before == after:
                continue
            if clear:
                steps[before, after] = _PROGRESSION_SCORES.get((names[before], names[after]), _UNLISTED_SCORE)
            else:
                common = len(chords[before].pitch_classes & chords[after].pitch_classes)
                steps[before, after] = -0.4 + 0.12 * common
    return steps


def _best_chord_path(fits: FloatArray64, steps: FloatArray64, opens: Sequence[bool]) -> list[int]:
    total = fits[0].copy()
    back = np.zeros(fits.shape, dtype=np.int64)
    inside = _CHANGE_IN_MEASURE * (1 - np.eye(len(steps)))
    for at in range(1, len(fits)):
        ways = total[:, None] + steps + (0.0 if opens[at] else inside)
        back[at] = ways.argmax(axis=0)
        total = ways.max(axis=0) + fits[at]
    path = [int(total.argmax())]
    for at in range(len(fits) - 1, 0, -1):
        path.append(int(back[at, path[-1]]))
    path.reverse()
    return path
