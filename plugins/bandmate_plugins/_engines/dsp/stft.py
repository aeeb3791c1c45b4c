"""The short-time Fourier transform that gives the samples back exactly, whole or in parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Spectra = NDArray[np.complex64]
"""Shape (channels, frames of the transform, bins)."""

OVERLAP = 4
"""Frames of the transform that cover each sample."""

_WINDOW_SECONDS = 0.09
"""A bin of 11 Hz: two notes of a bass are told apart, and a drum's stroke is still short."""


class StftGrid:
    """Where the frames of the transform lie at a sample rate, and its window.

    Frame `t` covers `size` samples from `(t - OVERLAP + 1) * hop` on, so every sample of the source lies in
    `OVERLAP` frames. The square root of a Hann window is used twice; at this overlap its squares sum to two.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.size = 1 << max(6, round(float(np.log2(rate * _WINDOW_SECONDS))))
        self.hop = self.size // OVERLAP
        self.bins = self.size // 2 + 1
        self.window: Floats = np.sin(np.pi * np.arange(self.size) / self.size).astype(np.float32)

    @property
    def frequencies(self) -> Floats:
        """The middle of each bin, in hertz."""
        return (np.arange(self.bins) * (self.rate / self.size)).astype(np.float32)

    def frames_in(self, seconds: float) -> int:
        """The nearest whole number of frames of the transform, one at least."""
        return max(1, round(seconds * self.rate / self.hop))

    def frame_count(self, samples: int) -> int:
        """Frames of the transform that touch a source of so many samples."""
        return (samples - 1) // self.hop + OVERLAP

    def frame_start(self, frame: int) -> int:
        """The first sample that a frame covers; negative at the very start."""
        return (frame - OVERLAP + 1) * self.hop

    def to_spectra(self, samples: Floats) -> Spectra:
        """The spectra of the frames in samples of shape (channels, n); the first begins with them."""
        windows = np.lib.stride_tricks.sliding_window_view(samples, self.size, axis=1)[:, :: self.hop]
        spectra: Any = scipy.fft.rfft(windows * self.window, axis=-1)
        return np.asarray(spectra, dtype=np.complex64)

    def make_adder(self, channels: int) -> OverlapAdder:
        """What puts spectra of so many channels back together."""
        return OverlapAdder(self, channels)


class OverlapAdder:
    """Puts spectra back together by overlap-add, a block at a time."""

    def __init__(self, grid: StftGrid, channels: int) -> None:
        self._grid = grid
        self._tail: Floats = np.zeros((channels, (OVERLAP - 1) * grid.hop), np.float32)

    def add(self, spectra: Spectra) -> Floats:
        """Samples that these frames complete, shape (channels, frames * hop).

        They begin where the first of the frames begins. `spectra` is overwritten.
        """
        out = self._overlap_frames(spectra)
        out[:, : self._tail.shape[1]] += self._tail
        whole = spectra.shape[1] * self._grid.hop
        self._tail = out[:, whole:].copy()
        return out[:, :whole]

    def _overlap_frames(self, spectra: Spectra) -> Floats:
        """These frames alone, shape (channels, (frames + OVERLAP - 1) * hop)."""
        grid = self._grid
        channels, count, _ = spectra.shape
        out = np.zeros((channels, (count + OVERLAP - 1) * grid.hop), np.float32)
        for channel in range(channels):
            waves: Any = scipy.fft.irfft(spectra[channel], grid.size, axis=-1, overwrite_x=True)
            waves *= grid.window * np.float32(2 / OVERLAP)
            pieces = waves.reshape(count, OVERLAP, grid.hop)
            for step in range(OVERLAP):
                row = out[channel, step * grid.hop : (step + count) * grid.hop]
                row += pieces[:, step].reshape(-1)
        return out
