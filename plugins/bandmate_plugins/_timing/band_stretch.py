"""Audio evenly longer or shorter, its pitch and its attacks kept, for speeds near 1.

Signalsmith Stretch works in blocks of one size. Short ones keep attacks within a millisecond, but let the pitch of
tones under 110 Hz waver by 30 cents; long ones keep these, and smear attacks. So what is low is stretched in long
blocks, and the rest in short ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import firwin, oaconvolve

from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins._timing.stretch_library import STRETCH_SEED, stretch_whole

_CROSSOVER_HERTZ = 160.0
_CROSSOVER_SECONDS = 0.1
"""How long the filter between the two is: tones more than 20 Hz from the crossover are in one band alone."""
_LOW_BLOCK_SECONDS, _HIGH_BLOCK_SECONDS = 0.171, 0.0427
_BLOCKS_OVERLAP = 4


def stretch_evenly(library: Any, samples: FloatArray32, frames: int, rate: int) -> FloatArray32:
    """Audio of shape (frames, 1 or 2) as `frames` frames; a time `t` of it lies at the same share of both lengths."""
    taps = round(_CROSSOVER_SECONDS * rate) | 1
    filter_taps = firwin(taps, _CROSSOVER_HERTZ, fs=rate).astype(np.float32)
    low = np.asarray(oaconvolve(samples, filter_taps[:, None], mode="same", axes=0), np.float32)
    stretched = _stretch_band(library, low, frames, round(_LOW_BLOCK_SECONDS * rate))
    stretched += _stretch_band(library, samples - low, frames, round(_HIGH_BLOCK_SECONDS * rate))
    return stretched


def _stretch_band(library: Any, samples: FloatArray32, frames: int, block: int) -> FloatArray32:
    stretcher = library.Stretch(STRETCH_SEED)
    stretcher.configure(samples.shape[1], block, block // _BLOCKS_OVERLAP)
    stretcher.timeFactor = len(samples) / frames
    return stretch_whole(stretcher, samples, frames)
