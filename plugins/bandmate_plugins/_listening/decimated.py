"""A recording as the transcription reads it: one channel, at about 22 kHz, silent before and after itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._listening.downmix import DownmixReader
from bandmate_plugins.request import AudioInput

Mono = NDArray[np.float32]
_MIN_RATE = 20_000
_PAD = 24
"""Samples of the lower rate that the filter of the decimation reaches, and some."""


class DecimatedReader:
    """Reads any stretch of a source; `step` frames of the project make one of its samples."""

    def __init__(self, source: AudioInput, rate: int) -> None:
        self._source, self._downmix = source, DownmixReader(source, rate)
        self.step = max(1, rate // _MIN_RATE)
        self.rate = rate / self.step
        """Samples a second."""

    def sample_at(self, frame: float) -> int:
        """The sample nearest to a frame of the project."""
        return round((frame - self._source.start_frame) / self.step)

    def frame_at(self, sample: float) -> float:
        """The frame of the project at a sample."""
        return self._source.start_frame + sample * self.step

    def read_samples(self, start: int, count: int) -> Mono:
        """So many samples from one on, float32."""
        if self.step == 1:
            return self._read_mono(start, count)
        raw = self._read_mono((start - _PAD) * self.step, (count + 2 * _PAD) * self.step)
        low: Mono = np.asarray(signal.resample_poly(raw, 1, self.step), dtype=np.float32)
        return low[_PAD : _PAD + count]

    def _read_mono(self, start: int, count: int) -> Mono:
        """Frames of the source from one on, with silence outside it."""
        out = np.zeros(count, dtype=np.float32)
        first, last = max(start, 0), min(start + count, self._source.frames)
        if last <= first:
            return out
        mono = self._downmix.read(first, last - first)
        out[first - start : first - start + len(mono)] = mono
        return out
