"""Makes new audio sound like what is around it: spectrum, width, balance and loudness, all within bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._engines.sketch.sound.limiter import StemLimiter
from bandmate_plugins._listening.loudness import LoudnessMeter, channel_weights, k_weighting, lufs_of_power
from bandmate_plugins._listening.placed_audio import PlacedAudio
from bandmate_plugins._platform.arrays import AudioSamples, FloatArray64

_MAX_FILTER_DB = 9.0
_STRENGTH = 0.85
"""How far the spectrum goes towards that of the surroundings."""
_BANDS_PER_OCTAVE = 3
_MIN_HERTZ = 40.0
_HEARD_DB = -55.0
"""Under the loudest band, what is too soft to be matched."""
_FILTER_SECONDS = 0.03
_MAX_SIDE_FACTOR = 1.5
_MAX_BALANCE_DB = 6.0
_LOUDNESS_SECONDS = 6.0
_ROUNDS = 8
_NEAR_LU = 0.1
_EAGER = 1.4
_MAX_GAIN_DB = 40.0


def gated_loudness(samples: Sequence[AudioSamples], rate: int) -> float:
    """LUFS of stretches after one another, gated; of a short one its plain K-weighted level.

    Minus infinity for silence.
    """
    if not samples:
        return -math.inf
    joined = np.concatenate(samples)
    meter = LoudnessMeter(rate, joined.shape[1])
    meter.add(joined)
    lufs = meter.integrated_lufs()
    if lufs is not None:
        return lufs
    if not len(joined):
        return -math.inf
    weighted = signal.sosfilt(k_weighting(rate), joined.T.astype(np.float64), axis=-1)
    return lufs_of_power(float(channel_weights(joined.shape[1]) @ np.square(weighted).mean(axis=1)))


def loudness_around(near: Sequence[PlacedAudio], start: int, end: int, rate: int) -> float:
    """LUFS of the six seconds before and after a range."""
    most = round(_LOUDNESS_SECONDS * rate)
    found = [
        one.samples[-most:] if one.end <= start else one.samples[:most] if one.start >= end else one.samples
        for one in near
    ]
    return gated_loudness(found, rate)


class SoundMatcher:
    """What brings new stereo audio, `made`, to the sound of the stretches `near`, and to a loudness.

    The filter and the gains are found once, from the first seconds; `play` then takes audio as it comes.
    """

    def __init__(
        self, made: AudioSamples, near: Sequence[PlacedAudio], rate: int, target_lufs: float, mono: bool
    ) -> None:
        self._rate, self._mono = rate, mono
        self._taps = _matching_filter(made, near, rate)
        self._side, self._balance = _match_stereo(made, near)
        self._tail = np.zeros((len(self._taps) - 1, 2), dtype=np.float32)
        self._gain = self._match_gain(made, target_lufs)
        self._tail[:] = 0
        self._limiter = StemLimiter(rate, 1)

    def add(self, samples: AudioSamples) -> AudioSamples:
        """The next audio, shape (frames, 2): gives what is ready, a little later; the rest with `finish`."""
        return self._limiter.add([self._match_sound(samples) * np.float32(self._gain)])[0]

    def finish(self) -> AudioSamples:
        """What is still held."""
        return self._limiter.finish()[0]

    def _match_sound(self, samples: AudioSamples) -> AudioSamples:
        image = _widen_sides(samples, self._side) * self._balance
        full = signal.oaconvolve(image, self._taps[:, None], axes=0).astype(np.float32)
        full[: len(self._tail)] += self._tail
        self._tail = full[len(samples) :].copy()
        return full[: len(samples)]

    def _match_gain(self, made: AudioSamples, target_lufs: float) -> float:
        """The gain at which the limited audio is as loud as it should be."""
        shaped = self._match_sound(made)
        gain_db = 0.0
        if not math.isfinite(gated_loudness([_fold_to_mono(shaped, self._mono)], self._rate)):
            return 1.0
        for _ in range(_ROUNDS):
            limiter = StemLimiter(self._rate, 1)
            loud = shaped * np.float32(10 ** (gain_db / 20))
            limited = np.concatenate((limiter.add([loud])[0], limiter.finish()[0]))
            missing = target_lufs - gated_loudness([_fold_to_mono(limited, self._mono)], self._rate)
            if abs(missing) < _NEAR_LU:
                break
            # Where the limiter takes some of it away again, a larger step is needed.
            gain_db += missing if abs(gain_db) < 1e-9 else _EAGER * missing
            gain_db = min(max(gain_db, -_MAX_GAIN_DB), _MAX_GAIN_DB)
        return float(10 ** (gain_db / 20))


def _fold_to_mono(samples: AudioSamples, mono: bool) -> AudioSamples:
    return np.asarray(samples.mean(axis=1, keepdims=True)) if mono else samples


def _match_stereo(made: AudioSamples, near: Sequence[PlacedAudio]) -> tuple[float, NDArray[np.float32]]:
    """A factor for the sides, and one for the left and the right."""
    even = np.ones(2, dtype=np.float32)
    if not near or near[0].samples.shape[1] < 2:
        return 1.0, even
    wanted = np.concatenate([one.samples for one in near]).astype(np.float64)
    power = np.square(wanted).mean(axis=0)
    own = np.square(made, dtype=np.float64).mean(axis=0)
    if min(power.sum(), own.sum()) <= 1e-12:
        return 1.0, even
    # How wide the surroundings are once left and right are alike.
    levelled = wanted / np.sqrt(np.maximum(power, 1e-12))
    width = math.sqrt(_side_ratio(levelled) / max(_side_ratio(made.astype(np.float64)), 1e-6))
    side = min(width, _MAX_SIDE_FACTOR)
    own = np.square(_widen_sides(made, side), dtype=np.float64).mean(axis=0)
    share, own_share = power / power.sum(), own / max(float(own.sum()), 1e-12)
    most = 10 ** (_MAX_BALANCE_DB / 20)
    balance = np.minimum(np.sqrt(share / np.maximum(own_share, 1e-6)), most)
    return side, balance.astype(np.float32)


def _widen_sides(samples: AudioSamples, factor: float) -> AudioSamples:
    middle = (samples[:, :1] + samples[:, 1:]) * np.float32(0.5)
    side = (samples[:, :1] - samples[:, 1:]) * np.float32(0.5 * factor)
    return np.concatenate((middle + side, middle - side), axis=1, dtype=np.float32)


def _side_ratio(samples: FloatArray64) -> float:
    """The power of the sides over that of the middle."""
    middle = float(np.square(samples[:, 0] + samples[:, 1]).sum())
    side = float(np.square(samples[:, 0] - samples[:, 1]).sum())
    return side / max(middle, 1e-12)


def _matching_filter(made: AudioSamples, near: Sequence[PlacedAudio], rate: int) -> NDArray[np.float32]:
    """A minimum-phase filter from the spectrum of `made` some way to that of the surroundings."""
    size = 1 << max(7, round(math.log2(rate * _FILTER_SECONDS)))
    edges = _band_edges(rate)
    unity = np.zeros(size, dtype=np.float32)
    unity[0] = 1
    if not near or len(edges) < 4 or len(made) < size:
        return unity
    own = _band_levels([made.mean(axis=1)], rate, edges)
    wanted = _band_levels([one.mono.astype(np.float32) for one in near], rate, edges)
    heard = (own > own.max() + _HEARD_DB) & (wanted > wanted.max() + _HEARD_DB)
    if heard.sum() < 3:
        return unity
    gains = np.where(heard, wanted - own, 0.0)
    gains = gains - np.average(gains, weights=heard)
    gains = np.convolve(np.pad(np.where(heard, gains, 0.0), 1, mode="edge"), (0.25, 0.5, 0.25), "valid")
    gains = np.clip(_STRENGTH * gains, -_MAX_FILTER_DB, _MAX_FILTER_DB)
    return _minimum_phase(gains, edges, rate, size)


def _band_edges(rate: int) -> FloatArray64:
    top = min(0.45 * rate, 18_000.0)
    count = math.floor(math.log2(top / _MIN_HERTZ) * _BANDS_PER_OCTAVE) + 1
    return np.asarray(_MIN_HERTZ * 2 ** (np.arange(max(count, 0)) / _BANDS_PER_OCTAVE))


def _band_levels(mono: Sequence[AudioSamples], rate: int, edges: FloatArray64) -> FloatArray64:
    """Decibels of each band of one channel, as much in each as white noise has."""
    size = 1 << max(8, round(math.log2(rate * 0.085)))
    powers = []
    for one in mono:
        padded = np.pad(one, (0, max(size - len(one), 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 2]
        powers.append(np.square(np.abs(np.fft.rfft(windows * np.hanning(size).astype(np.float32), axis=1))))
    power = np.concatenate(powers).mean(axis=0)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    total = np.concatenate(([0.0], np.cumsum(power)))
    places = np.searchsorted(hertz, edges)
    width = np.maximum(np.diff(places), 1)
    means = (total[places[:-1] + width] - total[places[:-1]]) / width
    return np.asarray(10 * np.log10(np.maximum(means, 1e-20)))


def _minimum_phase(gains_db: FloatArray64, edges: FloatArray64, rate: int, size: int) -> NDArray[np.float32]:
    """The causal filter with such gains at the bands' middles that rings the least, by its cepstrum."""
    centres = np.sqrt(edges[:-1] * edges[1:])
    hertz = np.fft.rfftfreq(4 * size, 1 / rate)
    curve = np.interp(np.log2(np.maximum(hertz, 1.0)), np.log2(centres), gains_db)
    cepstrum = np.fft.irfft(curve * math.log(10) / 20)
    half = 2 * size
    cepstrum[1:half] *= 2
    cepstrum[half + 1 :] = 0
    taps = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)))[:size]
    fade = size // 4
    taps[-fade:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(fade) / fade)
    return taps.astype(np.float32)
