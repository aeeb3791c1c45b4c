"""When exactly sounds begin: to a millisecond, where the windows of the bands only tell 12 ms.

The novelty of the bands has no fixed delay: the logarithm of a magnitude rises as soon as a window of 46 ms
touches a sound, so that a loud stroke out of silence shows 15 ms early, and one in a dense mix 3 ms. So beats
are moved onto what the wave itself does around them. The energy just after a moment over the energy just
before it, as seismologists pick arrivals (Allen, "Automatic earthquake recognition and timing from single
traces", 1978; here with windows that fade), is greatest where a sound begins, whatever else sounds.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bandmate_plugins._listening.features import ATTACK_HOP, RATE
from bandmate_plugins._platform.arrays import FloatArray64

ATTACKS_PER_SECOND = RATE / ATTACK_HOP
_FADE_SECONDS = 0.003
"""How fast the windows before and after a moment fade: with 6 ms, a piano is 1.2 ms late, and the band 0.5 ms."""
_WINDOW = round(0.030 * ATTACKS_PER_SECOND)
_REACH = round(0.040 * ATTACKS_PER_SECOND)
"""How far around a beat its attack is looked for, in rows."""
_USUAL, _LIKELY, _RARE = (seconds * ATTACKS_PER_SECOND for seconds in (0.008, 0.010, 0.012))
"""How late attacks usually are, how far around that they all are as likely, and how fast it falls then."""
_FLOOR = 3e-2
"""Energy that counts as silence, as a share of that of the usual beat."""
_IN_ROW = 0.7
"""A sound begins half a row into its row, in the mean; the rest keeps clicks (-0.9 ms) and pianos (+0.9 ms) even."""
_CLEAR = 1.5
"""How much more must begin at the best place than in the mean around beats."""
_MIN_HALF, _MAX_APART = 12, 0.010
"""Beats in either half of even ones to correct their tempo, and how far halves may be apart, in seconds."""
_AT_ONCE = 256
"""Beats at once: about 10 MB."""


def align_to_attacks(energy: NDArray[np.float16], beats: FloatArray64, *, even: bool) -> FloatArray64:
    """Beats (in seconds) moved onto the sounds that begin on them, all by as much; as they are if unclear.

    `energy` is that of `Features.attacks`. Beats that keep one tempo throughout (`even`) are also spread so
    that both their halves lie on their attacks, which makes the tempo of short pieces exact.
    """
    late = _mean_lateness(energy, beats)
    if late is None:
        return beats
    half = len(beats) // 2
    if even and half >= _MIN_HALF:
        halves = [_mean_lateness(energy, part) for part in (beats[:half], beats[half:])]
        if halves[0] is not None and halves[1] is not None and abs(halves[1] - halves[0]) < _MAX_APART:
            middles = float(beats[:half].mean()), float(beats[half:].mean())
            slope = (halves[1] - halves[0]) / (middles[1] - middles[0])
            return np.asarray(beats + halves[0] + slope * (beats - middles[0]), dtype=np.float64)
    return np.asarray(beats + late, dtype=np.float64)


def _mean_lateness(energy: NDArray[np.float16], beats: FloatArray64) -> float | None:
    """How many seconds after beats sounds begin, in the mean of all; None where that is not clear."""
    rows = beats * ATTACKS_PER_SECOND
    inside = rows[(rows > _REACH + _WINDOW + 1) & (rows < len(energy) - _REACH - _WINDOW - 1)]
    if not len(inside):
        return None
    around = _energy_around(energy, inside)
    lags = np.arange(-_REACH, _REACH + 1)
    unusual = np.maximum(np.abs(lags - _USUAL) - _LIKELY, 0.0)
    place = int(np.argmax(around * np.exp(-0.5 * (unusual / _RARE) ** 2)))
    if not 0 < place < len(lags) - 1 or around[place] < _CLEAR * around.mean():
        return None
    left, top, right = around[place - 1 : place + 2]
    part = 0.5 * (left - right) / min(left - 2 * top + right, -1e-12)
    return float(lags[place] + np.clip(part, -0.5, 0.5) + _IN_ROW) / ATTACKS_PER_SECOND


def _energy_around(energy: NDArray[np.float16], rows: FloatArray64) -> FloatArray64:
    """How much begins at each lag from rows, the mean of all."""
    weights = np.exp(-np.arange(_WINDOW) / (_FADE_SECONDS * ATTACKS_PER_SECOND))
    lags = np.arange(-_REACH, _REACH + 1)
    whole = np.round(rows).astype(np.int64)
    total = np.zeros(len(lags))
    for column in range(energy.shape[1]):
        for start in range(0, len(rows), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            places = whole[part, np.newaxis] + np.arange(lags[0] - _WINDOW, lags[-1] + _WINDOW)
            views = sliding_window_view(np.exp(energy[places, column].astype(np.float32)), _WINDOW, axis=1)
            before = views[:, : len(lags)] @ weights[::-1]
            after = views[:, _WINDOW : _WINDOW + len(lags)] @ weights
            floor = _FLOOR * float(np.median(after.max(axis=1))) + 1e-12
            rises = np.maximum(np.log((after + floor) / (before + floor)), 0.0)
            for rise, off in zip(rises, (whole - rows)[part], strict=True):
                total += np.interp(lags, lags + off, rise)
    return total / max(len(rows), 1)
