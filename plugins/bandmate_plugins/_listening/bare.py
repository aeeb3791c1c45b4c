"""A bare pulse: a metronome, or any one short stroke on each beat and silence between.

Pace and metre are fitted to bands, and say nothing about it: its beats are alike, and what little they differ
by would be taken for accents. So its beats are its strokes, and its bars are what their level or their
brightness says, or unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bandmate_plugins._listening.features import BANDS, BANDS_PER_SECOND, AudioFeatures
from bandmate_plugins._platform.arrays import FloatArray64

_MIN_BEATS = 8
"""Beats."""
_BETWEEN = (1 / 2, 1 / 3, 2 / 3)
_SILENT = 0.1
"""Share of the usual stroke's magnitude that may be heard between strokes."""
_WEAKEST = 0.25
"""Share of it that nearly all strokes have."""
_BEFORE, _AFTER = 1, 4
"""Rows around a beat in which its stroke is loudest."""
_EXPLAINED, _AS_GOOD = 0.7, 0.97
"""What share of the differences a bar must explain, and what share of that a shorter one must reach."""
_MIN_DEVIATION = 0.1
"""Differences (one standard deviation) under which strokes are all the same: natural logarithms, 0.9 dB."""
_MIN_BARS = 3


def pick_bare_pulse(ways: Sequence[FloatArray64], features: AudioFeatures) -> FloatArray64 | None:
    """The one of several ways to place the beats (in seconds) that has all the strokes; None for music."""
    level = features.bands.sum(axis=1)
    for beats in ways:
        if len(beats) < _MIN_BEATS:
            continue
        on = _peak_around(level, beats)
        usual = float(np.median(on))
        between = [_peak_around(level, beats[:-1] + part * np.diff(beats), 1, 1) for part in _BETWEEN]
        emptiest = max(float(np.percentile(one, 90)) for one in between)
        if np.percentile(on, 10) > _WEAKEST * usual and emptiest < _SILENT * usual:
            return beats
    return None


def find_accents(
    beats: FloatArray64, features: AudioFeatures, lengths: Sequence[int]
) -> tuple[int, int] | None:
    """A bar's length in beats, and the number of the first beat that begins one; None where all are alike."""
    level = features.bands.sum(axis=1)
    bright = features.bands @ np.arange(BANDS, dtype=np.float32) / np.maximum(level, 1e-9)
    strength = np.log(_peak_around(level, beats) + 1e-9)
    brightness = np.log1p(_peak_around(bright, beats))
    told = max(_explained_share(strength, lengths), _explained_share(brightness, lengths))
    return (told[1], told[2]) if told[0] >= _EXPLAINED else None


def _explained_share(values: FloatArray64, lengths: Sequence[int]) -> tuple[float, int, int]:
    """The share of the differences that a bar explains at best, its length, and where its odd beat is out."""
    if float(values.std()) < _MIN_DEVIATION:
        return 0.0, 0, 0
    numbers = np.arange(len(values))
    found: dict[int, tuple[float, int]] = {}
    for length in sorted(lengths):
        if len(values) >= _MIN_BARS * length:
            places = numbers % length
            means = np.bincount(places, values, length) / np.bincount(places, minlength=length)
            left = float(np.mean((values - means[places]) ** 2))
            found[length] = 1 - left / float(np.var(values)), int(means.argmax())
    best = max((share for share, _ in found.values()), default=0.0)
    length = min((one for one, (share, _) in found.items() if share >= _AS_GOOD * best), default=0)
    return (best, length, found[length][1]) if length else (0.0, 0, 0)


def _peak_around(
    values: FloatArray64, seconds: FloatArray64, before: int = _BEFORE, after: int = _AFTER
) -> FloatArray64:
    """The greatest of the rows around each time."""
    rows = np.round(seconds * BANDS_PER_SECOND).astype(np.int64)[:, np.newaxis] + np.arange(
        -before, after + 1
    )
    return np.asarray(values[np.clip(rows, 0, len(values) - 1)].max(axis=1), dtype=np.float64)
