"""How much begins at each moment: the novelty that beats are found in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from bandmate_plugins._listening.features import BANDS_PER_SECOND, AudioFeatures
from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64

_COMPRESSION = 300.0
_ROWS_AT_ONCE = 16_384
_LAG = 2
"""Rows back that a band is compared with: 23 ms."""
LOW_BANDS, MIDDLE_BANDS = 3, 16
"""Where the low bands (kick and bass) and the middle ones end."""
EARLY_ROWS = -0.6
"""What is added to the row of a rise to get at its stroke; measured on clicks."""


@dataclass(frozen=True)
class OnsetNovelty:
    """Novelty in rows of BANDS_PER_SECOND, evened out by its surroundings, so that quiet music counts too."""

    all: FloatArray64
    low: FloatArray64
    middle: FloatArray64
    high: FloatArray64
    clarity: float
    """How clear the stronger strokes are before that, in natural logarithms of magnitude."""


def detect_onsets(features: AudioFeatures) -> OnsetNovelty:
    """The novelty of all bands and of three ranges, with the vibrato of voices left out.

    The spectral flux of logarithmic magnitudes against the loudest neighbour before (Böck and Widmer,
    "Maximum filter vibrato suppression for onset detection", 2013).
    """
    means = _band_flux(features.bands)
    low, middle, high, every = (_even_out(means[:, column]) for column in range(4))
    clarity = float(np.percentile(means[:, 4], 97)) if len(means) else 0.0
    return OnsetNovelty(every, low, middle, high, clarity)


def _band_flux(bands: FloatArray32) -> FloatArray32:
    """The rises of low, middle and high bands, of all with more of the low ones, and of all: (rows, 5)."""
    reference = max(float(np.percentile(bands.max(axis=1), 95)) if len(bands) else 0.0, 1e-6)
    out = np.zeros((len(bands), 5), np.float32)
    for start in range(_LAG, len(bands), _ROWS_AT_ONCE):
        stop = min(start + _ROWS_AT_ONCE, len(bands))
        level: FloatArray32 = np.log1p(bands[start - _LAG : stop] * np.float32(_COMPRESSION / reference))
        before: FloatArray32 = ndimage.maximum_filter1d(level, 3, axis=1)
        rise = np.maximum(level[_LAG:] - before[:-_LAG], 0.0)
        parts = (rise[:, :LOW_BANDS], rise[:, LOW_BANDS:MIDDLE_BANDS], rise[:, MIDDLE_BANDS:])
        low, middle, high = (part.mean(axis=1) for part in parts)
        every = rise.mean(axis=1)
        out[start:stop] = np.stack((low, middle, high, every + 0.5 * low, every), axis=1)
    return out


def _even_out(novelty: FloatArray32) -> FloatArray64:
    """Without its slow mean, over how much it usually moves within some seconds."""
    signal = np.asarray(novelty, dtype=np.float64)
    if not len(signal):
        return signal
    near = round(0.5 * BANDS_PER_SECOND)
    wide = round(8.0 * BANDS_PER_SECOND)
    above = np.maximum(signal - ndimage.uniform_filter1d(signal, near, mode="nearest"), 0.0)
    # A running mean is a running sum: in silence after music its rounding can leave it just under zero.
    power = np.maximum(ndimage.uniform_filter1d(above * above, wide, mode="nearest"), 0.0)
    spread = np.sqrt(power)
    most = float(spread.max())
    evened = above / np.maximum(spread, 0.05 * most + 1e-9)
    return np.asarray(ndimage.gaussian_filter1d(np.minimum(evened, 6.0), 1.0), dtype=np.float64)
