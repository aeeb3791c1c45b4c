"""What is low and what is high in audio, each to be read in any order; their sum is the audio.

Short blocks keep attacks, but cannot tell low tones apart; long ones can, and smear attacks. So what is low is warped
in long blocks, at a rate at which these cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import soxr
from scipy.signal import firwin, oaconvolve

from bandmate_plugins._platform.arrays import FloatArray32

_CROSSOVER_HERTZ = 160.0
_CROSSOVER_SECONDS = 0.1
"""How long the filter between the two is: tones more than 20 Hz from the crossover are in one band alone."""
LOW_RATE = 1_500
_READ_SECONDS = 10.0
Reader = Callable[[int, int], FloatArray32]
"""Audio from one frame to another, shape (frames, channels); what lies outside is silent."""


class BandSplitter:
    """Reads the bands of audio at a rate."""

    def __init__(self, read: Reader, rate: int) -> None:
        self._read = read
        self._rate = rate
        taps = round(_CROSSOVER_SECONDS * rate) | 1
        self._taps = np.asarray(firwin(taps, _CROSSOVER_HERTZ, fs=rate), np.float32)

    def high(self, start: int, stop: int) -> FloatArray32:
        """What is high from one frame to another."""
        reach = len(self._taps) // 2
        samples = self._read(start - reach, stop + reach)
        return np.asarray(samples[reach:-reach] - self._filtered(samples), np.float32)

    def low(self, start: int, stop: int, check: Callable[[], None]) -> FloatArray32:
        """What is low from one frame to another, at LOW_RATE. `check` is called before each piece that is read."""
        reach, step = len(self._taps) // 2, round(_READ_SECONDS * self._rate)
        stream: soxr.ResampleStream | None = None
        parts = []
        for first in range(start, stop, step):
            check()
            last = min(first + step, stop)
            low = self._filtered(self._read(first - reach, last + reach))
            stream = stream or soxr.ResampleStream(self._rate, LOW_RATE, low.shape[1], dtype="float32")
            parts.append(stream.resample_chunk(low, last=last == stop))
        return np.asarray(np.concatenate(parts), np.float32)

    def _filtered(self, samples: FloatArray32) -> FloatArray32:
        return np.asarray(oaconvolve(samples, self._taps[:, None], mode="valid", axes=0), np.float32)
