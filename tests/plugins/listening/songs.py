"""Songs made from formulas, whose beats are known to the sample, to hear their tempo in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening import MusicAnalyser, MusicAnalysis

RATE = 22_050
Floats = NDArray[np.float64]
_ROOTS = (110.0, 110.0, 146.8, 164.8)


def hear(samples: Floats, rate: int = RATE) -> MusicAnalysis:
    """What is heard in mono samples."""
    ear = MusicAnalyser(rate, 1, len(samples))
    ear.add(samples[:, np.newaxis].astype(np.float32))
    return ear.finish_analysis(lambda: None)


def song(tempo: Callable[[int], float], bars: int, block: int = 0) -> tuple[Floats, Floats]:
    """A band in 4/4, and its beats in seconds; `tempo` gives the bpm of each beat by its number.

    With a `block`, everybody plays half a beat late in every other block of so many bars, and a tracker of
    accents goes with them.
    """
    random = np.random.default_rng(3)
    periods = np.array([60 / tempo(beat) for beat in range(4 * bars)])
    times = np.concatenate(([0.0], np.cumsum(periods)))
    out = np.zeros(int((times[-1] + 1) * RATE))
    for beat, (start, period) in enumerate(zip(times[:-1].tolist(), periods.tolist(), strict=True)):
        late = 0.5 * period if block and beat // 4 // block % 2 else 0.0
        lay(out, start + late, stroke("hat", random))
        lay(out, start + late, stroke("snare" if beat % 2 else "kick", random))
        lay(out, start + late, pluck(_ROOTS[beat // 4 % 4], 0.9 * period))
        if beat % 4 == 3:
            lay(out, start + late + 0.5 * period, stroke("hat", random))
    return 0.5 * out, times[:-1]


def train(sound: Floats, bpm: float, start: float, seconds: float, rate: int = RATE) -> Floats:
    """One sound on each beat, every fourth one louder."""
    out = np.zeros(int(seconds * rate))
    for beat in range(int((seconds - start - 0.3) * bpm / 60)):
        lay(out, start + beat * 60 / bpm, sound * (0.5 if beat % 4 == 0 else 0.3), rate)
    return out


def metronome(bpm: float, beats: int, seconds: float = 30.0) -> Floats:
    """A click on each beat, higher and louder on the first of so many; on none with 1."""
    time = np.arange(int(0.05 * RATE)) / RATE
    out = np.zeros(int(seconds * RATE))
    for beat in range(int((seconds - 0.2) * bpm / 60)):
        hertz, level = (1_600, 0.8) if beat % beats == 0 and beats > 1 else (1_000, 0.5)
        lay(out, beat * 60 / bpm, level * np.sin(2 * np.pi * hertz * time) * np.exp(-time / 0.008))
    return out


def silence(seconds: float) -> Floats:
    """Nothing at all."""
    return np.zeros(round(seconds * RATE))


def lay(out: Floats, at: float, sound: Floats, rate: int = RATE) -> None:
    """Adds a sound that begins at a time."""
    part = out[round(at * rate) :][: len(sound)]
    part += sound[: len(part)]


def stroke(kind: str, random: np.random.Generator, rate: int = RATE) -> Floats:
    """A click, kick, snare or hat."""
    time = np.arange(int(0.25 * rate)) / rate
    noise = random.standard_normal(len(time))
    return {
        "click": np.eye(1, len(time))[0],
        "kick": np.sin(2 * np.pi * (50 * time + 1.5 * (1 - np.exp(-time / 0.02)))) * np.exp(-time / 0.06),
        "snare": 0.5 * noise * np.exp(-time / 0.05),
        "hat": 0.2 * np.diff(noise, prepend=0.0) * np.exp(-time / 0.015),
    }[kind]


def pluck(hertz: float, seconds: float, rate: int = RATE) -> Floats:
    """A string."""
    time = np.arange(int(seconds * rate)) / rate
    partials = [np.sin(2 * np.pi * hertz * number * time) / number for number in range(1, 6)]
    return np.asarray(0.3 * np.sum(partials, axis=0) * np.exp(-time / 0.2))
