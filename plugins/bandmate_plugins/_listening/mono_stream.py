"""Audio as what listens to whole pieces takes it: one channel at one rate, whatever the source's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

from bandmate_plugins._listening.downmix import Mono, MonoDownmix
from bandmate_plugins._platform.arrays import FloatArray32

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

RATE = 22_050
"""Samples a second of what is analysed."""


class MonoStream:
    """Takes audio in, in pieces of any size, and gives its downmix at RATE as it becomes ready."""

    def __init__(self, rate: float, channels: int) -> None:
        self._downmix = MonoDownmix(round(rate), channels)
        self._resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32") if rate != RATE else None

    def add(self, samples: Samples) -> FloatArray32:
        """What is ready after samples of shape (frames, channels)."""
        return self._resample(self._downmix.add(samples), last=False)

    def finish(self) -> FloatArray32:
        """The rest."""
        return self._resample(self._downmix.finish(), last=True)

    def _resample(self, downmix: Mono, *, last: bool) -> FloatArray32:
        mono: FloatArray32 = downmix.astype(np.float32)
        return mono if self._resampler is None else self._resampler.resample_chunk(mono, last=last)
