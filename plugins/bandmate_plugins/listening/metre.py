"""Bars: which beats begin one, how many beats it has, and whether a beat divides in two or in three.

For each length of a bar, the best path through the places in it explains what happens on each beat: a kick, a
new bass note and a new chord speak for a bar's first beat, a snare for its second and fourth. The length
whose path explains the most wins, helped by how well the beats repeat at that distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins.listening.features import BANDS_PER_SECOND, Vector
from bandmate_plugins.listening.rhythm import Onsets

Matrix = NDArray[np.float64]
LENGTHS = (4, 3, 2, 5, 6, 7)
"""Beats of a bar that are told apart, the usual one first."""
_DOUBT = {4: 0.0, 3: 0.12, 2: 0.3, 5: 0.3, 6: 0.35, 7: 0.35}
"""What a length must be better by than four."""
_SLIP = 6.0
"""What a bar that is cut short or too long costs."""
_REPEAT = 1.5


@dataclass(frozen=True)
class Bars:
    """How the beats are counted."""

    downbeats: NDArray[np.int64]
    """Which beats begin a bar, by number."""
    beats: int
    """In a bar."""
    compound: bool
    """Whether a beat divides in three."""

    @property
    def metre(self) -> tuple[int, int]:
        """Numerator and denominator."""
        if self.compound:
            return 3 * self.beats, 8
        return self.beats, 4


def bars(beats: Vector, onsets: Onsets, chroma: Matrix, bass: Matrix) -> Bars:
    """The bars of beats (in rows of the novelty), from what begins on them and what changes there.

    `chroma` and `bass` have a row for each beat: the pitch classes that sound until the next one.
    """
    if len(beats) < 4:
        return Bars(np.zeros(min(len(beats), 1), np.int64), 4, compound=False)
    cues = _cues(beats, onsets, chroma, bass)
    found = {length: _explained(cues, length) for length in LENGTHS if len(beats) >= 2 * length}
    repeats = _repeats(cues)
    if not found:
        return Bars(np.zeros(1, np.int64), 4, compound=False)
    length = max(found, key=lambda one: found[one][0] + _REPEAT * repeats.get(one, 0.0) - _DOUBT[one])
    places = found[length][1]
    return Bars(np.flatnonzero(places == 0), length, compound=_in_three(beats, onsets))


def _cues(beats: Vector, onsets: Onsets, chroma: Matrix, bass: Matrix) -> Matrix:
    """What speaks for a bar to begin, by beat: low, middle and high onsets, new harmony, new bass."""
    columns = [_at(part, beats) for part in (onsets.low, onsets.middle, onsets.high)]
    columns += [_change(chroma), _change(bass)]
    return np.stack([_standard(column) for column in columns], axis=1)


def _at(novelty: Vector, beats: Vector) -> Vector:
    rows = np.clip(np.round(beats).astype(np.int64), 0, len(novelty) - 1)
    near = [novelty[np.clip(rows + shift, 0, len(novelty) - 1)] for shift in (-2, -1, 0, 1, 2)]
    return np.asarray(np.max(near, axis=0), dtype=np.float64)


def _change(rows: Matrix) -> Vector:
    """How unlike the row before each row is, over two beats on either side."""
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    changed = np.zeros(len(unit))
    one = 1 - np.sum(unit[1:] * unit[:-1], axis=1)
    changed[1:] = one
    both = unit[:-1] + unit[1:]
    both /= np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9)
    changed[2:-1] += 1 - np.sum(both[2:] * both[:-2], axis=1)
    return changed


def _standard(column: Vector) -> Vector:
    spread = float(column.std())
    return np.clip((column - column.mean()) / spread, -2.5, 2.5) if spread > 1e-9 else np.zeros_like(column)


_FIRST = np.array([0.45, -0.1, 0.15, 0.9, 0.8])
"""How much each cue speaks for the first beat of a bar."""
_BACK = np.array([-0.4, 0.45, 0.0, -0.15, -0.3])
"""And for a back beat."""


def _profile(length: int) -> Matrix:
    """How much each cue speaks for each place in a bar, shape (places, cues)."""
    rows = np.zeros((length, 5))
    rows[0] = _FIRST
    if length == 4:
        rows[1], rows[3], rows[2] = _BACK, _BACK, 0.25 * _FIRST
    elif length == 2:
        rows[1] = _BACK
    else:
        rows[1:] = -_FIRST / (length - 1)
        if length in (6, 7):
            rows[3] = 0.3 * _FIRST
    return rows - rows.mean(axis=0)


def _explained(cues: Matrix, length: int) -> tuple[float, NDArray[np.int64]]:
    """The best path through the places of a bar: its score a beat, and the place of each beat."""
    gains = cues @ _profile(length).T / np.sqrt(length)
    back = np.zeros(gains.shape, np.int64)
    total = gains[0].copy()
    for at in range(1, len(gains)):
        follow = np.roll(total, 1)
        best = int(total.argmax())
        slipped = total[best] - _SLIP
        places = (np.arange(length) - 1) % length
        jump = slipped > follow
        # Only a bar's beginning can come out of turn.
        jump[1:] = False
        back[at] = np.where(jump, best, places)
        total = np.where(jump, slipped, follow) + gains[at]
    place = int(total.argmax())
    path = [place]
    for at in range(len(gains) - 1, 0, -1):
        place = int(back[at, place])
        path.append(place)
    return float(total.max()) / len(gains), np.array(path[::-1], np.int64)


def _repeats(cues: Matrix) -> dict[int, float]:
    """How alike beats are at the distance of a bar, against other distances."""
    own = float(np.mean(cues * cues)) + 1e-9
    longest = min(16, len(cues) // 2)
    found = {lag: float(np.mean(cues[lag:] * cues[:-lag])) / own for lag in range(2, longest + 1)}
    usual = float(np.mean(list(found.values()))) if found else 0.0
    return {
        length: (found.get(length, 0.0) + found.get(2 * length, found.get(length, 0.0))) / 2 - usual
        for length in LENGTHS
    }


def _in_three(beats: Vector, onsets: Onsets) -> bool:
    """Whether strokes fall on the thirds of a beat (both of them) rather than on its half and quarters."""
    spans = np.diff(beats)
    if not len(spans):
        return False

    def between(part: float) -> float:
        return float(np.mean(_at(onsets.all, beats[:-1] + spans * part)))

    slow = float(np.median(spans)) / BANDS_PER_SECOND > 0.33
    early, half, late = between(1 / 3), between(0.5), between(2 / 3)
    return slow and early > 1.4 * half and late > 1.4 * half and early > 0.5 * late
