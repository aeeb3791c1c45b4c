"""Bars: which beats begin one, how many beats it has, and whether a beat divides in two or in three.

Each beat gets a chance to begin a bar, from the strokes and the changes of harmony on it and around it, by a
logistic regression that tests/measure/analysis_fit.py fits to bands that the engine `sketch` plays. For each
length of a bar the most likely path through its places is found; the length whose path is likeliest wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.cues import CUE_COUNT, BeatCues, standardize_columns
from bandmate_plugins._listening.fitted import fitted_numbers
from bandmate_plugins._platform.arrays import FloatArray64

BAR_LENGTHS = (4, 3, 2, 5, 6, 7)
"""Beats of a bar that are told apart, the usual one first."""
_RARE = {4: 0.0, 3: 0.01, 2: 0.06, 5: 0.03, 6: 0.05, 7: 0.05}
"""What a length must be likelier by than four, in natural logarithms a beat."""
_RARE_IN_THREE = {**_RARE, 2: 0.0}
"""The same where beats divide in three."""
_SLIP = 6.0
"""What a bar that is cut short or too long costs."""
CUE_REACH = 3
"""Beats on each side that are looked at."""
_FASTEST_IN_THREE = 0.33
"""Seconds that a beat must last at least to be taken to divide in three."""
_EIGHTHS = 0.36
"""Seconds under which the beats of a bar of seven are its eighths."""


@dataclass(frozen=True)
class BarGrid:
    """How the beats are counted."""

    downbeats: NDArray[np.int64]
    """Which beats begin a bar, by number; none where nothing tells."""
    beats: int
    """In a bar."""
    metre: tuple[int, int]
    """Numerator and denominator."""
    quarters: float
    """How many quarter notes a beat is: 1.5 where it is three eighths."""


def detect_bars(beats: FloatArray64, cues: BeatCues) -> BarGrid:
    """The bars of beats (in seconds)."""
    if len(beats) < 4:
        return BarGrid(np.zeros(min(len(beats), 1), np.int64), 4, (4, 4), 1.0)
    early, late = _third_strokes(beats, cues)
    _, length, places = _count_beats(beats, cues, _RARE_IN_THREE if late else _RARE)
    metre, quarters = (length, 4), 1.0
    # Only the last third is played in a swung beat too; two such beats are felt as six eighths all the same.
    if late and (early or length == 2):
        metre, quarters = (3 * length, 8), 1.5
    elif length == 7 and float(np.median(np.diff(beats))) < _EIGHTHS:
        metre, quarters = (7, 8), 0.5
    return BarGrid(np.flatnonzero(places == 0), length, metre, quarters)


def bars_from_accents(beats: FloatArray64, accents: tuple[int, int] | None) -> BarGrid:
    """The bars of a bare pulse, from their length and the first beat that begins one; None for no accents."""
    if accents is None:
        return BarGrid(np.zeros(0, np.int64), 4, (4, 4), 1.0)
    length, first = accents
    return BarGrid(np.arange(first, len(beats), length), length, (length, 4), 1.0)


def likeliest_length(beats: FloatArray64, cues: BeatCues) -> tuple[float, int]:
    """How likely the best way to count the beats is, in natural logarithms a beat, and the bar's length."""
    found = _count_beats(beats, cues, _RARE)
    return found[0], found[1]


def _count_beats(
    beats: FloatArray64, cues: BeatCues, rare: Mapping[int, float]
) -> tuple[float, int, NDArray[np.int64]]:
    chances = beat_features(beats, cues) @ fitted_numbers("downbeat")
    begins, goes_on = -np.logaddexp(0, -chances), -np.logaddexp(0, chances)
    lengths = [length for length in BAR_LENGTHS if length == 4 or len(beats) >= 2 * length]
    found = {length: _best_places(begins, goes_on, length) for length in lengths}
    length = max(found, key=lambda one: found[one][0] - rare[one])
    return found[length][0], length, found[length][1]


def beat_features(beats: FloatArray64, cues: BeatCues) -> FloatArray64:
    """Numbers for each beat: a constant, and the cues of the beats from REACH before it to REACH after it."""
    columns = standardize_columns(cues.cues_at(beats, float(np.median(np.diff(beats)))))
    padded = np.pad(columns, ((CUE_REACH, CUE_REACH), (0, 0)))
    around = [padded[shift : shift + len(beats)] for shift in range(2 * CUE_REACH + 1)]
    return np.hstack((np.ones((len(beats), 1)), *around))


def _best_places(begins: FloatArray64, goes_on: FloatArray64, length: int) -> tuple[float, NDArray[np.int64]]:
    """The best path through the places of a bar: its score a beat, and the place of each beat."""
    before = (np.arange(length) - 1) % length
    gains = np.where(np.arange(length) == 0, begins[:, np.newaxis], goes_on[:, np.newaxis])
    back = np.tile(before, (len(gains), 1))
    total = gains[0].copy()
    for at in range(1, len(gains)):
        follow = total[before]
        best = int(total.argmax())
        # Only a bar's beginning can come out of turn.
        if total[best] - _SLIP > follow[0]:
            follow[0], back[at, 0] = total[best] - _SLIP, best
        total = follow + gains[at]
    place = int(total.argmax())
    path = [place]
    for at in range(len(gains) - 1, 0, -1):
        place = int(back[at, place])
        path.append(place)
    return float(total.max()) / len(gains), np.array(path[::-1], np.int64)


def _third_strokes(beats: FloatArray64, cues: BeatCues) -> tuple[bool, bool]:
    """Whether strokes fall on the first and on the last third of a beat rather than on its half."""
    spans = np.diff(beats)
    if float(np.median(spans)) < _FASTEST_IN_THREE:
        return False, False

    def between(part: float) -> float:
        return float(np.mean(cues.cues_at(beats[:-1] + spans * part, 0.2)[:, : CUE_COUNT - 2]))

    first, last = between(1 / 3), between(2 / 3)
    even = between(0.5)
    others = max(even, (between(0.25) + even + between(0.75)) / 3, 0.05)
    return first > 1.4 * even and first > 0.3 * last, last > 1.8 * others
