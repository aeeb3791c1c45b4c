"""Loudness along a piece, and the outline of its wave.

Integrated loudness and true peak are those of `bandmate_plugins._listening.loudness`; short-term loudness is
the mean of 3 s, and the loudness range the distance of its 10th and 95th percentile behind the gates of
EBU Tech 3342.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.loudness import LoudnessMeter, lufs_of_power

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

_HOPS_PER_SECOND = 10
_SHORT_TERM_HOPS = 30
_MIN_LUFS = -70.0
_RANGE_GATE_LU = -20.0
MAX_COLUMNS = 2_000


@dataclass(frozen=True)
class MeteredLevels:
    """What was metered."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    short_term_lufs: list[float]
    """The loudness of the 3 s around each step, -70 at least."""
    short_term_step_frames: int
    overview_step_frames: int
    low: list[float]
    """The lowest sample of any channel in each step."""
    high: list[float]


class LevelMeter:
    """Takes audio in, in pieces of any size; `frames` is how many there will be."""

    def __init__(self, rate: int, channels: int, frames: int) -> None:
        self._meter = LoudnessMeter(rate, channels)
        self._rate = rate
        self._step = max(1, -(-frames // MAX_COLUMNS))
        self._open = np.zeros((0, channels), np.float32)
        self._low: list[float] = []
        self._high: list[float] = []

    def add(self, samples: Samples) -> None:
        """Takes in samples of shape (frames, channels)."""
        self._meter.add(samples)
        self._open = np.concatenate((self._open, samples))
        columns = len(self._open) // self._step
        if columns:
            used = self._open[: columns * self._step].reshape(columns, -1)
            self._low.extend(used.min(axis=1).tolist())
            self._high.extend(used.max(axis=1).tolist())
            self._open = self._open[columns * self._step :].copy()

    def finish(self) -> MeteredLevels:
        """What was metered."""
        if len(self._open):
            self._low.append(float(self._open.min()))
            self._high.append(float(self._open.max()))
            self._open = self._open[:0]
        powers = self._meter.hop_powers()
        short = _short_term(powers)
        every = max(1, -(-len(short) // MAX_COLUMNS))
        return MeteredLevels(
            integrated_lufs=_round_tenths(self._meter.integrated_lufs()),
            range_lu=_loudness_range(short),
            true_peak_dbtp=_round_tenths(self._meter.true_peak_dbtp()),
            short_term_lufs=[round(max(value, _MIN_LUFS), 1) for value in short[::every]],
            short_term_step_frames=every * self._rate // _HOPS_PER_SECOND,
            overview_step_frames=self._step,
            low=[round(value, 3) for value in self._low],
            high=[round(value, 3) for value in self._high],
        )


def _short_term(powers: NDArray[np.float64]) -> list[float]:
    """Loudness of the 3 s around each tenth of a second; less of them at both ends."""
    total = np.concatenate(([0.0], np.cumsum(powers)))
    at = np.arange(len(powers))
    first = np.maximum(at - _SHORT_TERM_HOPS // 2, 0)
    last = np.minimum(at + _SHORT_TERM_HOPS // 2, len(powers))
    means = (total[last] - total[first]) / np.maximum(last - first, 1)
    return [lufs_of_power(float(power)) for power in np.maximum(means, 0.0)]


def _loudness_range(short: list[float]) -> float | None:
    """The loudness range; None for silence or under 3 s."""
    whole = np.array(short[_SHORT_TERM_HOPS // 2 : len(short) - _SHORT_TERM_HOPS // 2])
    loud = whole[whole > _MIN_LUFS]
    if not len(loud):
        return None
    gate = 10 * np.log10(np.mean(10 ** (loud / 10))) + _RANGE_GATE_LU
    kept = loud[loud > gate]
    return round(float(np.percentile(kept, 95) - np.percentile(kept, 10)), 1)


def _round_tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
