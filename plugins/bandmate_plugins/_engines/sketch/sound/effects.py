"""Effects of a part's channel, each holding its state from one window to the next."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal, special

from bandmate_plugins._platform.arrays import AudioSamples

_USUAL_LEVEL = 0.1
"""Root mean square of a part at the target loudness."""


class RoomReverb:
    """A room: convolution with decaying noise that gets darker as it decays, different on the two sides."""

    def __init__(self, rate: int, seconds: float, amount: float) -> None:
        self._amount = np.float32(amount)
        self._impulse = _room_impulse(rate, round(seconds, 2))
        self._rate, self._seconds = rate, round(seconds, 2)
        self._tail = np.zeros((0, 2), dtype=np.float32)

    def add(self, window: AudioSamples) -> AudioSamples:
        """The window with its room; shape (frames, 2)."""
        if not self._amount:
            return window
        frames = len(window)
        size = fft.next_fast_len(frames + len(self._impulse) - 1, real=True)
        send = fft.rfft((window[:, 0] + window[:, 1]) * np.float32(0.5), size)
        wet = fft.irfft(send[:, None] * _impulse_spectrum(self._rate, self._seconds, size), size, axis=0)
        wet = wet[: frames + len(self._impulse) - 1]
        wet[: len(self._tail)] += self._tail
        self._tail = wet[frames:].copy()
        return np.asarray(window + self._amount * wet[:frames], dtype=np.float32)


@lru_cache(maxsize=64)
def room_power(rate: int, seconds: float, amount: float) -> float:
    """How much more power music has with its room than without: the mean over the octaves it lies in."""
    if not amount:
        return 1.0
    size = 1 << 15
    hertz = np.linspace(0, rate / 2, size // 2 + 1)
    power = np.square(np.abs(fft.rfft(_room_impulse(rate, round(seconds, 2))[:, 0], size)))
    marks = np.searchsorted(hertz, np.geomspace(150.0, min(4_000.0, 0.4 * rate), 200))
    return 1.0 + amount**2 * float(np.convolve(power, np.ones(31) / 31, mode="same")[marks].mean())


@lru_cache(maxsize=16)
def _room_impulse(rate: int, seconds: float) -> AudioSamples:
    frames = max(16, round(rate * seconds))
    rng = np.random.Generator(np.random.PCG64(4711))
    noise = rng.standard_normal((frames, 2))
    time = np.arange(frames)[:, None] / rate
    dark = signal.sosfilt(signal.butter(1, min(2200.0, 0.4 * rate) / rate * 2, output="sos"), noise, axis=0)
    band = [180.0 / rate * 2, min(7000.0, 0.45 * rate) / rate * 2]
    bright = signal.sosfilt(signal.butter(1, band, "bandpass", output="sos"), noise, axis=0)
    mix = bright * np.exp(-time / (0.12 * seconds)) + 1.5 * dark * np.exp(-time / (0.2 * seconds))
    mix = signal.sosfilt(signal.butter(2, 150.0 / rate * 2, "highpass", output="sos"), mix, axis=0)
    early = round(0.008 * rate)
    mix = np.concatenate((np.zeros((early, 2)), mix))[:frames]
    mix *= np.minimum(1, (frames - np.arange(frames)) / (0.1 * frames))[:, None]
    return np.asarray(mix / math.sqrt(float(np.square(mix).sum()) / 2), dtype=np.float32)


@lru_cache(maxsize=24)
def _impulse_spectrum(rate: int, seconds: float, size: int) -> NDArray[np.complex64]:
    return np.asarray(fft.rfft(_room_impulse(rate, seconds), size, axis=0), dtype=np.complex64)


class ChorusEffect:
    """Two voices whose delay moves, a quarter turn apart on the two sides."""

    def __init__(self, rate: int, amount: float) -> None:
        self._amount = np.float32(0.7 * amount)
        self._rate = rate
        self._past = np.zeros((math.ceil(0.03 * rate), 2), dtype=np.float32)
        self._at = 0

    def add(self, window: AudioSamples) -> AudioSamples:
        """The window with its chorus; shape (frames, 2)."""
        if not self._amount:
            return window
        joined = np.concatenate((self._past, window))
        time = (self._at + np.arange(len(window))) / self._rate
        own = np.arange(len(window)) + len(self._past)
        out = window.copy()
        grid = np.arange(len(joined))
        for side in range(2):
            delay = (0.012 + 0.004 * np.sin(2 * math.pi * (0.6 * time + side / 4))) * self._rate
            out[:, side] += self._amount * np.interp(own - delay, grid, joined[:, side]).astype(np.float32)
        self._past = joined[len(window) :]
        self._at += len(window)
        return out / (1 + np.float32(0.4) * self._amount)


class ToneFilter:
    """A high-pass filter against rumble and DC, and a shelf that makes it brighter or duller."""

    def __init__(self, rate: int, low_hz: float, bright: float) -> None:
        sections = [signal.butter(2, low_hz / rate * 2, "highpass", output="sos")]
        if bright:
            sections.append(_high_shelf(rate, 2500.0, 9.0 * bright))
        self._sos = np.concatenate(sections)
        self._state = np.zeros((len(self._sos), 2, 2))

    def add(self, window: AudioSamples) -> AudioSamples:
        """The window behind the filters; shape (frames, 2)."""
        out, self._state = signal.sosfilt(self._sos, window.T.astype(np.float64), axis=-1, zi=self._state)
        return np.ascontiguousarray(out.T, dtype=np.float32)


def apply_drive(window: AudioSamples, amount: float) -> AudioSamples:
    """Soft saturation that leaves a part of the usual level as loud as it was."""
    if not amount:
        return window
    push = np.float32(1 + 3 * amount)
    return np.asarray(np.tanh(window * push) * np.float32(_driven_gain(amount)), dtype=np.float32)


@lru_cache(maxsize=64)
def _driven_gain(amount: float) -> float:
    """What brings noise of a part's usual level back to that level after the saturation."""
    usual = _USUAL_LEVEL * math.sqrt(2) * special.erfinv(np.linspace(-1, 1, 1_001)[1:-1])
    bent = np.tanh(usual * (1 + 3 * amount))
    return math.sqrt(float(np.square(usual).sum() / np.square(bent).sum()))


def _high_shelf(rate: int, hertz: float, gain_db: float) -> NDArray[np.float64]:
    """A first-order high shelf as a section, its half gain at the corner."""
    gain = 10 ** (gain_db / 20)
    k = math.tan(math.pi * min(hertz, 0.4 * rate) / rate) * math.sqrt(gain)
    return np.array([[(gain + k) / (1 + k), (k - gain) / (1 + k), 0.0, 1.0, (k - 1) / (1 + k), 0.0]])
