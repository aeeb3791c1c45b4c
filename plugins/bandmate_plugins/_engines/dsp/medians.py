"""The running median, by which what is struck and what sounds on are told apart.

Source: D. Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010. A median over time
leaves what is held, one over frequency what is struck. The logarithm of their ratio, a cue of masks.py, is
what the soft masks of J. Driedger, M. Müller, S. Disch, "Extending harmonic-percussive separation of audio
signals", ISMIR 2014, go by.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from bandmate_plugins._engines.dsp.stft import Floats

TINY = np.float32(1e-20)
"""Keeps a share of nothing from being a division by zero; far below any sound."""


def running_median(values: Floats, length: int, axis: int) -> Floats:
    """The median over `length` (odd) neighbours along an axis of a matrix; the edges are repeated.

    The rows are filtered end to end as one long row, which is many times faster than in two dimensions.
    """
    rows = values if axis == 1 else values.T
    half = length // 2
    padded = np.pad(rows, ((0, 0), (half, half)), mode="edge")
    smooth = ndimage.median_filter(padded.reshape(-1), size=length, mode="nearest")
    medians = smooth.reshape(padded.shape)[:, half : half + rows.shape[1]]
    return np.ascontiguousarray(medians if axis == 1 else medians.T)
