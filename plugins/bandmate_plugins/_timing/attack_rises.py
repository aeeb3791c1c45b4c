"""How much begins at each moment, to a millisecond: the energy just after it over the energy just before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.signal import lfilter

from bandmate_plugins._listening.features import ATTACK_HOP, RATE
from bandmate_plugins._platform.arrays import FloatArray64

RISES_PER_SECOND = RATE / ATTACK_HOP
_FADE_SECONDS = 0.003
"""How fast the windows before and after a moment fade, as in `_listening.attacks`."""
_FLOOR = 2e-2
"""Energy that counts as silence, as a share of that of loud attacks."""
_MAX_RISE = 4.0
"""What a rise comes near to, in nepers: a stroke after silence counts no more than four loud ones in a mix."""
_APART_SECONDS = 0.010
"""Of what rises within this, only the steepest moment is kept."""


def attack_rises(energy: NDArray[np.float16]) -> FloatArray64:
    """How much begins in each row of `AudioFeatures.attacks`, in nepers; zero between attacks."""
    total = np.zeros(len(energy))
    if not len(energy):
        return total
    fade = np.exp(-1.0 / (_FADE_SECONDS * RISES_PER_SECOND))
    for column in range(energy.shape[1]):
        power = np.exp(energy[:, column].astype(np.float64))
        after = lfilter([1.0], [1.0, -fade], power[::-1])[::-1]
        before = lfilter([0.0, 1.0], [1.0, -fade], power)
        floor = _FLOOR * float(np.percentile(after, 99)) + 1e-12
        rise = np.maximum(np.log((after + floor) / (before + floor)), 0.0)
        # Bent, not cut off: the steepest moment stays the steepest.
        total += _MAX_RISE * np.tanh(rise / _MAX_RISE)
    steepest = maximum_filter1d(total, 1 + 2 * round(_APART_SECONDS / 2 * RISES_PER_SECOND))
    return np.asarray(np.where(total == steepest, total, 0.0))
