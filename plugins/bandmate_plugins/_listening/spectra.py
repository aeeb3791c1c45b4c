"""Spectra of windows and their peaks: what every feature here is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64, IntArray64

_WINDOWS_AT_ONCE = 256
_LEAST_MAGNITUDE = 1e-7
"""What a peak has at least, of full scale."""


def window_magnitudes(samples: NDArray[np.floating], size: int, hop: int, count: int) -> FloatArray32:
    """Magnitudes of `count` Hann windows, the first from the first sample on; shape (count, size / 2 + 1).

    They are scaled so that a sine in the middle of a bin has its amplitude there.
    """
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop][:count]
    out = np.empty((len(windows), size // 2 + 1), np.float32)
    for start in range(0, len(windows), _WINDOWS_AT_ONCE):
        part = slice(start, start + _WINDOWS_AT_ONCE)
        spectra: Any = scipy.fft.rfft(windows[part] * _hann_window(size), axis=-1)
        np.multiply(np.abs(spectra), np.float32(4 / size), out=out[part], casting="same_kind")
    return out


@lru_cache(maxsize=16)
def _hann_window(size: int) -> FloatArray32:
    return np.hanning(size + 1)[:-1].astype(np.float32)


class WindowStream:
    """Windows of a stream, the middle of the first one on its first sample."""

    def __init__(self, size: int, hop: int) -> None:
        self._size, self._hop = size, hop
        self._open: FloatArray32 = np.zeros(size // 2, np.float32)

    def add(self, mono: FloatArray32) -> FloatArray32:
        """Takes in samples; the magnitudes of the windows that they fill, shape (windows, bins)."""
        self._open = np.concatenate((self._open, mono))
        count = max((len(self._open) - self._size) // self._hop + 1, 0)
        if not count:
            return np.zeros((0, self._size // 2 + 1), np.float32)
        found = window_magnitudes(self._open, self._size, self._hop, count)
        self._open = self._open[count * self._hop :].copy()
        return found

    def finish(self) -> FloatArray32:
        """The last windows, the end filled up with silence."""
        return self.add(np.zeros(self._size // 2, np.float32))


@dataclass(frozen=True)
class SpectralPeaks:
    """Peaks of spectra in order of rows, and from low to high in each; all of one length."""

    rows: IntArray64
    pitches: FloatArray64
    """MIDI notes with a fraction, as if A4 were 440 Hz."""
    magnitudes: FloatArray32
    over_floor: FloatArray32
    """How far the magnitude is above what counts as a peak in its row."""


def find_peaks(
    magnitudes: FloatArray32, bin_hertz: float, low: float, high: float, above: float
) -> SpectralPeaks:
    """Peaks between two frequencies in hertz that stand `above` times out of the median there.

    Noise and drums have many small peaks, which the median keeps out. Each is placed between the bins by a
    parabola through logarithms (Smith and Serra, "PARSHL", 1987).
    """
    first, last = max(1, int(low / bin_hertz)), min(int(high / bin_hertz) + 1, magnitudes.shape[1] - 1)
    inner, left, right = (magnitudes[:, first + by : last + by] for by in (0, -1, 1))
    floor = np.maximum(np.float32(above) * np.median(inner, axis=1, keepdims=True), _LEAST_MAGNITUDE)
    rows, columns = np.nonzero((inner > left) & (inner >= right) & (inner > floor))
    tops = inner[rows, columns]
    a, b, c = (np.log(part[rows, columns].astype(np.float64) + 1e-12) for part in (left, inner, right))
    shift = np.clip(0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-6), -0.5, 0.5)
    pitches = 69 + 12 * np.log2((first + columns + shift) * (bin_hertz / 440))
    return SpectralPeaks(rows, pitches, tops, np.asarray(tops - floor[rows, 0], np.float32))
