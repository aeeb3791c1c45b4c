"""What comes again and what does not: the accompaniment repeats, the voice over it varies.

Source: Z. Rafii, B. Pardo, "Music/voice separation using the similarity matrix", ISMIR 2012 (REPET-SIM), and
"Online REPET-SIM for real-time speech enhancement", ICASSP 2013, for the memory of limited length.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from bandmate_plugins._engines.dsp.medians import TINY
from bandmate_plugins._engines.dsp.stft import Floats

_BANDS = 48
_SCALE = 1_000.0
"""Features are whole numbers of a length of 1000, so their products are exact in float32 in any order, and
the same frames are found on every machine."""

_CHUNK = 32


class SpectrumMemory:
    """The spectra of the last while and of a while ahead, and which of them sound alike."""

    def __init__(self, bins: int, past: int, like: int, apart: int) -> None:
        """`past` frames are kept besides those asked about; `like` frames, `apart` at least, are compared."""
        self._past = past
        self._like = like
        self._apart = apart
        self._first = 0
        edges = np.geomspace(2, max(bins, 4), _BANDS + 1).astype(int)
        self._edges = np.unique(np.minimum(edges, bins - 1))
        self._magnitudes: Floats = np.zeros((0, bins), np.float32)
        self._features: Floats = np.zeros((0, len(self._edges)), np.float32)

    def add(self, magnitudes: Floats) -> None:
        """More frames, in order, shape (frames, bins)."""
        self._magnitudes = np.concatenate((self._magnitudes, magnitudes))
        self._features = np.concatenate((self._features, self._frame_features(magnitudes)))

    def discard_before(self, frame: int) -> None:
        """Frames before this one are no longer asked about; the past before it is kept."""
        drop = min(max(frame - self._past - self._first, 0), len(self._magnitudes))
        if drop:
            self._magnitudes = self._magnitudes[drop:].copy()
            self._features = self._features[drop:].copy()
            self._first += drop

    def repeating_share(self, start: int, stop: int) -> Floats:
        """How much of each bin comes again elsewhere, 0 to 1, for the frames from `start` up to `stop`."""
        magnitudes = self._magnitudes[start - self._first : stop - self._first]
        shares = np.empty_like(magnitudes)
        for chunk in range(0, len(magnitudes), _CHUNK):
            rows = magnitudes[chunk : chunk + _CHUNK]
            alike = self._similar_frames(start - self._first + chunk, len(rows))
            middle = alike.shape[1] // 2
            model = np.partition(self._magnitudes[alike], middle, axis=1)[:, middle]
            shares[chunk : chunk + len(rows)] = np.minimum(model, rows) / (rows + TINY)
        return shares

    def _frame_features(self, magnitudes: Floats) -> Floats:
        """Each frame as loudness by bands, of a fixed length, in whole numbers."""
        bands = np.cbrt(np.add.reduceat(magnitudes, self._edges, axis=1))
        norms = np.sqrt(np.sum(bands * bands, axis=1, keepdims=True)) + TINY
        features: Floats = np.rint(bands * (np.float32(_SCALE) / norms)).astype(np.float32)
        return features

    def _similar_frames(self, start: int, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
        """For each of `count` frames of the memory, the frames most like it, itself among them."""
        likeness = self._features[start : start + count] @ self._features.T
        peaks = ndimage.maximum_filter1d(likeness, 2 * self._apart + 1, axis=1, mode="constant", cval=-1.0)
        likeness[likeness < peaks] = -1.0
        own = np.arange(count)
        likeness[own, start + own] = np.float32(2 * _SCALE * _SCALE)
        # Frames that are no peak come last; where there are too few peaks, they are taken round and round.
        order = np.argsort(-likeness, axis=1, kind="stable")[:, : self._like]
        found = np.sum(np.take_along_axis(likeness, order, axis=1) >= 0, axis=1, keepdims=True)
        return np.take_along_axis(order, np.arange(order.shape[1])[np.newaxis] % found, axis=1)
