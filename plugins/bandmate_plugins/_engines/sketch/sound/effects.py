"""Effects of a part's channel, each holding its state from one window to the next."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal, special

from bandmate_plugins._platform.arrays import AudioSamples

_SIDE_SECONDS = 0.016
_SOUND_METRES = 343.0
"""A second."""
_WALL = 0.75
"""What a wall reflects of the amplitude."""
_USUAL_LEVEL = 0.1
"""Root mean square of a part at the target loudness."""


class RoomSound(NamedTuple):
    """Where a part stands: in which room, how much of it there is, and how wide the part itself sounds."""

    seconds: float
    amount: float
    spread: float = 0.0
    """The amplitude of what differs between the sides, relative to their sum."""
    place: int = 0
    """Parts at different places do not differ in the same way."""


class RoomReverb:
    """A room: its first echoes, then decaying noise that gets darker, different on the two sides.

    A part that is spread has early echoes of its own, of opposite sign on the two sides: their sum on one channel
    is as it was.
    """

    def __init__(self, rate: int, seconds: float, amount: float, spread: float = 0.0, place: int = 0) -> None:
        self._amount, self._spread = np.float32(amount), np.float32(spread)
        self._rate, self._seconds, self._place = rate, round(seconds, 2), place
        self._length = max(
            len(_room_impulse(rate, self._seconds)) if amount else 1,
            len(_side_impulse(rate, place)) if spread else 1,
        )
        self._tail = np.zeros((0, 2), dtype=np.float32)
        self._kept: tuple[int, NDArray[np.complex64]] | None = None

    def add(self, window: AudioSamples) -> AudioSamples:
        """The window with its room; shape (frames, 2)."""
        if not self._amount and not self._spread:
            return window
        frames = len(window)
        size = fft.next_fast_len(frames + self._length - 1, real=True)
        send = fft.rfft((window[:, 0] + window[:, 1]) * np.float32(0.5), size)
        wet = fft.irfft(send[:, None] * self._spectrum(size), size, axis=0)
        wet = wet[: frames + self._length - 1]
        wet[: len(self._tail)] += self._tail
        self._tail = wet[frames:].copy()
        return np.asarray(window + wet[:frames], dtype=np.float32)

    def _spectrum(self, size: int) -> NDArray[np.complex64]:
        """That of all echoes together; nearly all windows are as long as the one before."""
        if self._kept is None or self._kept[0] != size:
            self._kept = size, self._join_spectra(size)
        return self._kept[1]

    def _join_spectra(self, size: int) -> NDArray[np.complex64]:
        if not self._spread:
            return self._amount * _impulse_spectrum(self._rate, self._seconds, size)
        total = np.zeros((size // 2 + 1, 2), dtype=np.complex64)
        if self._amount:
            total += self._amount * _impulse_spectrum(self._rate, self._seconds, size)
        if self._spread:
            side = self._spread * _side_spectrum(self._rate, self._place, size)
            total[:, 0] += side
            total[:, 1] -= side
        return total


@lru_cache(maxsize=64)
def room_power(rate: int, seconds: float, amount: float, spread: float = 0.0, place: int = 0) -> float:
    """How much more power music has with its room than without: the mean over the octaves it lies in."""
    more = 0.0
    size = 1 << 15
    hertz = np.linspace(0, rate / 2, size // 2 + 1)
    marks = np.searchsorted(hertz, np.geomspace(150.0, min(4_000.0, 0.4 * rate), 200))
    parts = (
        (amount, _room_impulse(rate, round(seconds, 2))[:, 0]) if amount else None,
        (spread, _side_impulse(rate, place)) if spread else None,
    )
    for level, impulse in filter(None, parts):
        power = np.square(np.abs(fft.rfft(impulse, size)))
        more += level**2 * float(np.convolve(power, np.ones(31) / 31, mode="same")[marks].mean())
    return 1.0 + more


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
    mix = np.concatenate((np.zeros((round(0.008 * rate), 2)), mix))[:frames]
    mix /= math.sqrt(float(np.square(mix).sum()) / 2)
    mix += _early_reflections(rate, seconds, frames) * _early_level(seconds)
    mix = signal.sosfilt(signal.butter(2, 150.0 / rate * 2, "highpass", output="sos"), mix, axis=0)
    mix *= np.minimum(1, (frames - np.arange(frames)) / (0.1 * frames))[:, None]
    return np.asarray(mix / math.sqrt(float(np.square(mix).sum()) / 2), dtype=np.float32)


def _early_level(seconds: float) -> float:
    """The amplitude of the early reflections relative to the tail: small rooms are heard by their walls."""
    return min(max(1.15 - 0.3 * seconds, 0.35), 0.95)


def _early_reflections(rate: int, seconds: float, frames: int) -> NDArray[np.float64]:
    """The first echoes of the walls, floor and ceiling of a shoebox, by image sources (Allen and Berkley, 1979).

    Of the energy one; shape (frames, 2): two ears of a head without a shadow, 0.4 m apart.
    """
    width = 3.0 + 3.2 * min(seconds, 3.0)
    box = np.array([width, 1.37 * width, max(2.6, 0.43 * width)])
    source, ear = box * (0.42, 0.31, 0.45), box * (0.53, 0.67, 0.5)
    out = np.zeros((frames, 2))
    orders = [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) != (0, 0, 0)]
    direct = float(np.linalg.norm(source - ear))
    for order in orders:
        mirrored = [
            place if not turn else (-place if turn < 0 else 2 * size - place)
            for turn, place, size in zip(order, source, box, strict=True)
        ]
        bounces = sum(map(abs, order))
        for side, offset in enumerate((-0.2, 0.2)):
            far = float(np.linalg.norm(np.array(mirrored) - ear - (offset, 0.0, 0.0)))
            at = round((far - direct) / _SOUND_METRES * rate)
            if 0 < at < frames:
                out[at, side] += (-1) ** order[2] * _WALL**bounces / far
    sos = signal.butter(1, min(6_500.0, 0.4 * rate) / rate * 2, output="sos")
    out = signal.sosfilt(sos, out, axis=0)
    return np.asarray(out / math.sqrt(float(np.square(out).sum()) / 2 + 1e-12), dtype=np.float64)


@lru_cache(maxsize=24)
def _impulse_spectrum(rate: int, seconds: float, size: int) -> NDArray[np.complex64]:
    return np.asarray(fft.rfft(_room_impulse(rate, seconds), size, axis=0), dtype=np.complex64)


@lru_cache(maxsize=16)
def _side_impulse(rate: int, place: int) -> NDArray[np.float32]:
    """Echoes within some milliseconds, of the energy one, that leave the bass alone; shape (frames,)."""
    frames = round(_SIDE_SECONDS * rate)
    rng = np.random.Generator(np.random.PCG64(place + 815))
    time = np.arange(frames) / rate
    noise = rng.standard_normal(frames) * np.exp(-time / (0.3 * _SIDE_SECONDS))
    noise[: round(0.001 * rate)] = 0.0
    sos = signal.butter(2, [220.0 / rate * 2, min(9_000.0, 0.45 * rate) / rate * 2], "bandpass", output="sos")
    shaped = signal.sosfilt(sos, noise) * np.minimum(1, (frames - np.arange(frames)) / (0.2 * frames))
    return np.asarray(shaped / math.sqrt(float(np.square(shaped).sum())), dtype=np.float32)


@lru_cache(maxsize=32)
def _side_spectrum(rate: int, place: int, size: int) -> NDArray[np.complex64]:
    return np.asarray(fft.rfft(_side_impulse(rate, place), size), dtype=np.complex64)


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
