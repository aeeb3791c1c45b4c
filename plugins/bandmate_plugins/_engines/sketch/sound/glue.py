"""The compressor of the mix bus: one slow, gentle gain for all stems, found from their sum.

A feed-forward compressor with a smoothed gain; see Giannoulis, Massberg and Reiss (2012), "Digital dynamic range
compressor design: a tutorial and analysis".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._platform.arrays import AudioSamples

_BLOCK_SECONDS = 0.002
_LEVEL_SECONDS = 0.02
"""Over how long the level is averaged: attacks are through before the gain moves."""
_GAIN_SECONDS = 0.05
"""How quickly the gain follows."""
_RATIO_AT_FULL = 2.5
_KNEE_DB = 8.0
_MOST_DB = 5.0
_BASS_HZ = 90.0
"""Below this, what sounds does not move the gain: a kick must not pump."""


class BusCompressor:
    """Takes windows of all stems and gives them back at once, the louder moments a little softer."""

    def __init__(self, rate: int, amount: float, usual_power: float) -> None:
        """`amount` is 0 to 1; `usual_power` is the mean square that the sum usually has."""
        self._slope = (1 - 1 / (1 + (_RATIO_AT_FULL - 1) * amount)) if amount > 0 else 0.0
        self._threshold_db = 10 * math.log10(max(usual_power, 1e-9))
        self._block = max(16, round(_BLOCK_SECONDS * rate))
        self._sos = signal.butter(1, _BASS_HZ / rate * 2, "highpass", output="sos").astype(np.float32)
        self._filter_state = np.zeros((1, 2), dtype=np.float32)
        self._level = _OnePole(self._block / rate / _LEVEL_SECONDS, 0.0)
        self._smooth = _OnePole(self._block / rate / _GAIN_SECONDS, 0.0)
        self._rest = np.zeros(0)
        self._last = 1.0

    def add(self, stems: Sequence[AudioSamples]) -> list[AudioSamples]:
        """The next window of each stem, all of one length, shape (frames, 2), compressed."""
        if not self._slope or not len(stems[0]):
            return list(stems)
        curve = self._gain_curve(stems)[:, None]
        return [stem * curve for stem in stems]

    def _gain_curve(self, stems: Sequence[AudioSamples]) -> NDArray[np.float32]:
        # What is the same on both sides is enough to go by.
        middle = stems[0].sum(axis=1)
        for stem in stems[1:]:
            middle += stem[:, 0]
            middle += stem[:, 1]
        heard, self._filter_state = signal.sosfilt(self._sos, middle, zi=self._filter_state)
        frames = len(middle)
        edges = np.append(np.arange(0, frames, self._block), frames)
        power = np.add.reduceat(np.square(heard), edges[:-1]) / (2 * np.diff(edges))
        over = 10 * np.log10(self._level.add(power) + 1e-12) - self._threshold_db
        wanted = -np.minimum(self._slope * _soft_excess(over), _MOST_DB)
        gains = 10 ** (self._smooth.add(wanted) / 20)
        nodes = np.concatenate(([self._last], gains))
        self._last = float(gains[-1])
        return np.asarray(np.interp(np.arange(frames), edges, nodes), dtype=np.float32)


class _OnePole:
    """A low-pass filter of the first order that goes on where it was."""

    def __init__(self, step: float, value: float) -> None:
        self._keep = math.exp(-step)
        self._state = np.array([value * self._keep])

    def add(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        out, self._state = signal.lfilter([1 - self._keep], [1, -self._keep], values, zi=self._state)
        return np.asarray(out, dtype=np.float64)


def _soft_excess(over_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far a level is above the threshold, bent smoothly around it."""
    inside = np.clip(over_db + _KNEE_DB / 2, 0, _KNEE_DB)
    return np.where(over_db > _KNEE_DB / 2, over_db, np.square(inside) / (2 * _KNEE_DB))
