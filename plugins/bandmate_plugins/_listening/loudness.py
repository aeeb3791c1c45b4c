"""Integrated loudness and true peak of a stream, after ITU-R BS.1770-5, at any sample rate.

The two K-weighting filters are given there as coefficients at 48 kHz; here they are made for each rate from
the analogue prototypes behind those coefficients, as B. De Man, "Evaluation of Implementations of the EBU
R128 Loudness Measurement" (AES 145, 2018), derives them.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._listening.speakers import SpeakerPosition, speaker_layout

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OFFSET_LU = -0.691
_HOPS_PER_SECOND = 10
_HOPS_PER_BLOCK = 4
_SIDE_DEGREES, _SIDE_WEIGHT = (60.0, 120.0), 1.41
"""Loudspeakers between these angles, at ear height, count 1.5 dB more."""
TAPS_PER_PHASE = 24
_STRETCH = 64


class LoudnessMeter:
    """Meters audio as it comes; the pieces' sizes do not matter.

    Each channel counts by where its loudspeaker stands (`speakers.speaker_layout`), and the LFE does not count.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._channels = channels
        self._rate = sample_rate
        self._sos = k_weighting(sample_rate)
        self._state = np.zeros((len(self._sos), channels, 2))
        self._weights = channel_weights(channels)
        self._hops = array("d")
        self._open_energy = 0.0
        self._frames = 0
        self._peak = TruePeakMeter(sample_rate, channels)

    def add(self, samples: Samples) -> None:
        """Takes in float samples of shape (frames, channels)."""
        if not len(samples):
            return
        self._peak.add(samples)
        weighted, self._state = signal.sosfilt(
            self._sos, samples.T.astype(np.float64), axis=-1, zi=self._state
        )
        power = self._weights @ np.square(weighted)
        start, end = self._frames, self._frames + len(power)
        hop = len(self._hops)
        while (border := self._hop_end(hop)) <= end:
            self._hops.append(
                self._open_energy + float(power[start - self._frames : border - self._frames].sum())
            )
            self._open_energy = 0.0
            start, hop = border, hop + 1
        self._open_energy += float(power[start - self._frames :].sum())
        self._frames = end

    def integrated_lufs(self) -> float | None:
        """Gated loudness of all so far; None for silence or under 400 ms."""
        hops = np.frombuffer(self._hops, dtype=np.float64) if self._hops else np.zeros(0)
        if len(hops) < _HOPS_PER_BLOCK:
            return None
        borders = np.arange(len(hops) + 1) * self._rate // _HOPS_PER_SECOND
        total = np.concatenate(([0.0], np.cumsum(hops)))
        energy = total[_HOPS_PER_BLOCK:] - total[:-_HOPS_PER_BLOCK]
        blocks = energy / (borders[_HOPS_PER_BLOCK:] - borders[:-_HOPS_PER_BLOCK])
        return _gated_loudness(blocks)

    def hop_powers(self) -> NDArray[np.float64]:
        """K-weighted mean square, summed over the channels, of each whole tenth of a second so far."""
        borders = np.arange(len(self._hops) + 1) * self._rate // _HOPS_PER_SECOND
        return np.array(self._hops, dtype=np.float64) / np.diff(borders)

    def true_peak_dbtp(self) -> float | None:
        """The highest true peak of any channel so far; None for silence."""
        peak = self._peak.value
        return 20 * math.log10(peak) if peak > 0 else None

    def _hop_end(self, hop: int) -> int:
        return (hop + 1) * self._rate // _HOPS_PER_SECOND


class TruePeakMeter:
    """The highest magnitude between the samples too, by interpolation: 4 times, less at high rates.

    In float32, which is exact to a millionth of a decibel here. Short stretches are interpolated by one
    matrix product; those that cannot raise the peak are left out, which changes only the time it takes.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._factor = oversampling_factor(sample_rate)
        self._history = np.zeros((TAPS_PER_PHASE - 1, channels), np.float32)
        phases = interpolation_filter(self._factor).reshape(TAPS_PER_PHASE, self._factor)
        self._most = float(np.abs(phases).sum(axis=0).max())
        self._matrix = _stretch_matrix(phases).astype(np.float32)
        self.value = 0.0
        """As a factor; 1 is full scale. The last half millisecond or less is seen by its samples only."""

    def add(self, samples: Samples) -> None:
        """Takes in float samples of shape (frames, channels)."""
        if not len(samples):
            return
        joined = np.concatenate((self._history, samples), dtype=np.float32)
        self.value = max(self.value, float(np.abs(samples).max()))
        if self._factor > 1:
            for channel in np.ascontiguousarray(joined.T):
                self._interpolate_frames(channel, len(samples))
        self._history = joined[-(TAPS_PER_PHASE - 1) :]

    def _interpolate_frames(self, joined: NDArray[np.float32], frames: int) -> None:
        """Looks between the last so many frames of ``joined``, which has the history in front of them."""
        if frames < _STRETCH:
            padded = np.concatenate((joined, np.zeros(_STRETCH - frames, np.float32)))
            between = (padded @ self._matrix).reshape(_STRETCH, -1)[:frames]
            self.value = max(self.value, float(np.abs(between).max()))
            return
        windows = np.lib.stride_tricks.sliding_window_view(joined, _STRETCH + TAPS_PER_PHASE - 1)
        # The last stretch overlaps the one before, so that all of them are full.
        self._raise_peak(windows[::_STRETCH])
        self._raise_peak(windows[-1:])

    def _raise_peak(self, windows: NDArray[np.float32]) -> None:
        loud = np.abs(windows).max(axis=1) * self._most > self.value
        if loud.any():
            self.value = max(self.value, float(np.abs(windows[loud] @ self._matrix).max()))


def k_weighting(sample_rate: int) -> NDArray[np.float64]:
    """Second-order sections of the K-weighting at a rate: the shelf of the head, then the high-pass."""
    shelf = _high_shelf(sample_rate, 1681.974450955533, 3.999843853973347, 0.7071752369554196)
    passes = _high_pass(sample_rate, 38.13547087602444, 0.5003270373238773)
    return np.array([shelf, passes])


def lufs_of_power(power: float) -> float:
    """Loudness of a K-weighted mean square, summed over the channels; minus infinity for silence."""
    return _OFFSET_LU + 10 * math.log10(power) if power > 0 else -math.inf


def _gated_loudness(blocks: NDArray[np.float64]) -> float | None:
    loud = blocks[blocks > 10 ** ((_ABSOLUTE_GATE_LUFS - _OFFSET_LU) / 10)]
    if not len(loud):
        return None
    gate = float(loud.mean()) * 10 ** (_RELATIVE_GATE_LU / 10)
    return lufs_of_power(float(loud[loud > gate].mean()))


def channel_weights(channels: int) -> NDArray[np.float64]:
    """What the power of each channel counts in the sum, by Table 4 of Annex 3."""
    return np.array([_weight_of(speaker) for speaker in speaker_layout(channels)])


def _weight_of(speaker: SpeakerPosition) -> float:
    if speaker.effects:
        return 0.0
    beside = _SIDE_DEGREES[0] <= abs(speaker.azimuth_degrees) <= _SIDE_DEGREES[1]
    return _SIDE_WEIGHT if beside else 1.0


def oversampling_factor(sample_rate: int) -> int:
    """How many times a rate is interpolated to find its true peak."""
    if sample_rate >= 192_000:
        return 1
    return 2 if sample_rate >= 96_000 else 4


def interpolation_filter(factor: int) -> NDArray[np.float64]:
    """A Kaiser-windowed sinc; one phase passes the samples as they are. A last zero fills up the phases."""
    length = TAPS_PER_PHASE * factor - 1
    offsets = (np.arange(length) - length // 2) / factor
    taps = np.sinc(offsets) * np.kaiser(length, 6.0)
    return np.append(taps / taps.sum() * factor, 0.0)


def _stretch_matrix(phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Interpolates a stretch with the history before it: shape (history + stretch, stretch * phases)."""
    taps, factor = phases.shape
    matrix = np.zeros((taps - 1 + _STRETCH, _STRETCH * factor))
    for position in range(_STRETCH):
        matrix[position : position + taps, position * factor : (position + 1) * factor] = phases[::-1]
    return matrix


def _high_shelf(rate: int, corner: float, gain_db: float, q: float) -> list[float]:
    k = math.tan(math.pi * corner / rate)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    return [
        (high + band * k / q + k * k) / norm,
        2 * (k * k - high) / norm,
        (high - band * k / q + k * k) / norm,
        1.0,
        2 * (k * k - 1) / norm,
        (1 - k / q + k * k) / norm,
    ]


def _high_pass(rate: int, corner: float, q: float) -> list[float]:
    k = math.tan(math.pi * corner / rate)
    norm = 1 + k / q + k * k
    return [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]
