"""Drums as sound: a falling tone, modes, noise through a band and metal, mixed as a kit's file says."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._engines.sketch.library.patches import DrumPatch
from bandmate_plugins._platform.arrays import AudioSamples

_METAL_RATIOS = (1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523)
"""The six squares of a well-known drum machine's cymbals, as ratios."""

_OVERTONES = ((2, 0.6), (3, 0.45), (4, 0.3), (5, 0.2))
"""Numbers and shares of the partials of a tone that buzzes."""
_FLUTTER_DEPTH = 0.004
"""How far a flutter bends the tone, as a share of its frequency."""
_SOFT_METAL_HZ = 5_000.0
"""Where the spectrum of metal begins to fall when it is hardly touched; two octaves higher for a hard stroke."""
_RATTLE_FALL = 5.0
"""Nepers that a stroke of a rattle falls by until the next."""


def render_hit(drum: DrumPatch, rate: int, velocity: float, seed: int) -> AudioSamples:
    """Renders one hit, float32 of shape (frames, 1); `velocity` is 0 to 1."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 77])))
    frames = max(8, round(drum.seconds * rate))
    time = np.arange(frames) / rate
    out = np.zeros(frames)
    if drum.tone:
        out += drum.tone * _falling_tone(drum, time, velocity, rng)
    _add_modes(out, drum, rate, time, rng)
    if drum.noise:
        out += drum.noise * _band_noise(drum, rate, time, velocity, rng)
    if drum.metal:
        out += drum.metal * _metal_cluster(drum, rate, time, velocity, rng)
    if drum.click:
        out += drum.click * _attack_click(rate, frames, velocity, rng)
    if drum.rattle_hz:
        out *= np.exp(-_RATTLE_FALL * np.mod(time * drum.rattle_hz, 1.0))
    if drum.drive:
        out = np.tanh(out * (1 + 3 * drum.drive)) / np.tanh(1 + 3 * drum.drive)
    if drum.crush:
        out = _crush_bits(out, rate, drum.crush)
    if drum.reverse:
        out = out[::-1].copy()
    return _fade_edges(out * drum.level, rate).astype(np.float32)[:, None]


def _add_modes(
    out: NDArray[np.float64],
    drum: DrumPatch,
    rate: int,
    time: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    for number, (hertz, level, fall) in enumerate(drum.modes):
        if hertz < 0.45 * rate:
            turn = 2 * math.pi * hertz * (1 + 0.004 * rng.standard_normal())
            late = round(number * drum.stagger * rate)
            struck = time[: max(len(time) - late, 0)]
            out[late:] += level * np.exp(-struck / fall) * np.sin(turn * struck)


def _falling_tone(
    drum: DrumPatch, time: NDArray[np.float64], velocity: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    base = drum.hz * (1 + 0.006 * rng.standard_normal())
    # A harder stroke stretches the skin, so its tone falls from higher up.
    sweep_hz = drum.sweep_hz * (0.45 + 0.7 * velocity)
    cycles = base * time + sweep_hz * drum.sweep * (1 - np.exp(-time / drum.sweep))
    if drum.flutter_hz:
        cycles += _FLUTTER_DEPTH * base / drum.flutter_hz * np.sin(2 * math.pi * drum.flutter_hz * time)
    tone = np.sin(2 * math.pi * cycles)
    for harmonic, share in _OVERTONES if drum.overtones else ():
        tone += drum.overtones * share * np.sin(2 * math.pi * harmonic * cycles)
    if drum.flutter_hz:
        tone *= 0.6 + 0.4 * np.cos(2 * math.pi * drum.flutter_hz * time)
    return np.asarray(tone * np.exp(-time / drum.decay), dtype=np.float64)


def _band_noise(
    drum: DrumPatch, rate: int, time: NDArray[np.float64], velocity: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    noise = rng.standard_normal(len(time))
    # No two strokes meet the same place of a skin.
    low = min(max(drum.noise_hz[0] * (1 + 0.03 * rng.standard_normal()), 20.0), 0.4 * rate)
    high = min(drum.noise_hz[1] * (0.55 + 0.6 * velocity) * (1 + 0.04 * rng.standard_normal()), 0.47 * rate)
    sos = signal.butter(2, [low / rate * 2, max(high, low * 1.2) / rate * 2], "bandpass", output="sos")
    shaped = signal.sosfilt(sos, noise)
    shaped *= math.sqrt(rate / 2 / max(high - low, 200.0)) * 0.4
    fall = np.exp(-time / drum.noise_decay)
    for burst in range(1, drum.bursts):
        at = 0.011 * burst
        fall = np.where(time < at, fall * np.exp(-np.mod(time, 0.011) / 0.004), fall)
    if drum.noise_attack:
        fall = fall * np.minimum(time / drum.noise_attack, 1)
    return np.asarray(shaped * fall, dtype=np.float64)


def _metal_cluster(
    drum: DrumPatch, rate: int, time: NDArray[np.float64], velocity: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """A cluster of squares without the harmonics that the band limit forbids, read from one cycle each."""
    base = min(drum.metal_hz * 0.13, 0.05 * rate)
    total = np.zeros(len(time), dtype=np.float32)
    for ratio in _METAL_RATIOS:
        cycle = _square_cycle(min(8, int((0.46 * rate / (base * ratio) + 1) / 2)))
        place = (time * (base * ratio) + rng.random()) * len(cycle)
        total += cycle[place.astype(np.int64) & (len(cycle) - 1)]
    sos = signal.butter(2, min(drum.metal_hz, 0.42 * rate) / rate * 2, "highpass", output="sos")
    dull = signal.butter(1, min(_SOFT_METAL_HZ * 4**velocity, 0.45 * rate) / rate * 2, output="sos")
    shaped = signal.sosfilt(np.concatenate((sos, dull)), total)
    return np.asarray(shaped * np.exp(-time / drum.metal_decay) * 0.6, dtype=np.float64)


@lru_cache(maxsize=8)
def _square_cycle(harmonics: int) -> AudioSamples:
    """One cycle of a square wave of so many odd harmonics."""
    phase = np.arange(16_384) * (2 * math.pi / 16_384)
    total = np.zeros(len(phase))
    for number in range(1, 2 * harmonics, 2):
        total += np.sin(number * phase) / number
    return total.astype(np.float32)


def _attack_click(rate: int, frames: int, velocity: float, rng: np.random.Generator) -> NDArray[np.float64]:
    out = np.zeros(frames)
    length = min(frames, max(4, round(0.006 * rate)))
    fall = np.exp(-np.arange(length) / (0.0011 * rate))
    out[:length] = rng.standard_normal(length) * fall * (0.3 + 0.7 * velocity) * 0.5
    return out


def _crush_bits(samples: NDArray[np.float64], rate: int, amount: float) -> NDArray[np.float64]:
    hold = max(1, round(rate / 44_100 * (1 + 5 * amount)))
    coarse = np.repeat(samples[::hold], hold)[: len(samples)]
    levels = 2 ** (12 - 6 * amount)
    coarse = np.round(coarse * levels) / levels
    sos = signal.butter(2, min(9000.0 - 4000 * amount, 0.4 * rate) / rate * 2, output="sos")
    return np.asarray(signal.sosfilt(sos, coarse), dtype=np.float64)


def _fade_edges(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Starts within a third of a millisecond and ends at zero."""
    rise = min(len(samples), max(2, round(0.0003 * rate)))
    samples[:rise] *= np.linspace(0, 1, rise, endpoint=False)
    fall = min(len(samples), max(2, round(0.02 * rate)))
    samples[-fall:] *= np.linspace(1, 0, fall)
    return samples
