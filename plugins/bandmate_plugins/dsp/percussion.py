"""What is struck and what sounds on: harmonic-percussive separation by medians.

Source: D. Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010; the soft masks as
in J. Driedger, M. Müller, S. Disch, "Extending harmonic-percussive separation of audio signals", ISMIR 2014.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from bandmate_plugins.dsp.stft import Floats

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


def percussive_share(magnitude: Floats, over_time: int, over_bins: int, margin: float) -> Floats:
    """How much of each bin is struck, 0 to 1, shape (frames, bins), from magnitudes of that shape.

    `over_time` frames and `over_bins` bins are the lengths of the medians, both odd. A `margin` over 1 asks
    more of a stroke.
    """
    held = running_median(magnitude, over_time, 0) * np.float32(margin)
    struck = running_median(magnitude, over_bins, 1)
    held *= held
    struck *= struck
    share: Floats = struck / (held + struck + TINY)
    return share
