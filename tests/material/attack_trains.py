"""Trains of one sound, whose attacks are known to the sample: clicks, drums, strings and pads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
KINDS = ("click", "kick", "deep kick", "snare", "hat", "piano", "guitar", "bass", "strings", "soft pad")
Floats = NDArray[np.floating]


def attack_train(kind: str, bpm: float, start: float, bed: float, seconds: float = 20.0) -> Floats:
    """A sound on each beat, mono at RATE, every fourth one louder; over a held chord and noise of a level."""
    random = np.random.default_rng(5)
    out = np.zeros(round(seconds * RATE))
    sound = _sound(kind, random)
    for beat in range(int((seconds - 0.7 - start) * bpm / 60) + 1):
        at = round((start + beat * 60 / bpm) * RATE)
        part = out[at : at + len(sound)]
        part += (0.5 if beat % 4 == 0 else 0.3) * sound[: len(part)]
    time = np.arange(len(out)) / RATE
    chord = np.sum([np.sin(2 * np.pi * hertz * time) for hertz in (110, 220, 277.2, 329.6)], axis=0)
    return 0.4 * (out + bed * (0.25 * chord + 0.3 * random.standard_normal(len(out))))


def _sound(kind: str, random: np.random.Generator) -> Floats:
    time = np.arange(round(0.6 * RATE)) / RATE
    noise = random.standard_normal(len(time))
    if kind == "click":
        return 1.5 * np.eye(1, len(time))[0]
    if kind == "kick":
        return np.sin(2 * np.pi * (50 * time + 0.6 * (1 - np.exp(-time / 0.02)))) * np.exp(-time / 0.05)
    if kind == "deep kick":
        return np.sin(2 * np.pi * (45 * time + 3 * (1 - np.exp(-time / 0.03)))) * np.exp(-time / 0.12)
    if kind == "snare":
        body = 0.5 * np.sin(2 * np.pi * 185 * time) * np.exp(-time / 0.04)
        return (noise * np.exp(-time / 0.06) + body) * np.minimum(1, time / 0.0005)
    if kind == "hat":
        return np.diff(noise, prepend=0.0) * np.exp(-time / 0.02)
    if kind == "guitar":
        return _plucked(196.0, random, len(time))
    if kind == "piano":
        turns = random.uniform(0, 2 * np.pi, 8)
        partials = [
            np.sin(2 * np.pi * 261 * number * time + turn) * np.exp(-time * number / 0.5) / number
            for number, turn in enumerate(turns.tolist(), 1)
        ]
        return np.sum(partials, axis=0) * np.minimum(1, time / 0.002)
    hertz, count, rise = {"bass": (55, 6, 0.008), "strings": (330, 8, 0.05), "soft pad": (220, 6, 0.1)}[kind]
    tone = np.sum(
        [np.sin(2 * np.pi * hertz * number * time) / number for number in range(1, count + 1)], axis=0
    )
    fall = np.exp(-time / 0.3) if kind == "bass" else np.clip((0.55 - time) / 0.05, 0, 1)
    return np.asarray(tone * np.minimum(1, time / rise) * fall)


def _plucked(hertz: float, random: np.random.Generator, frames: int) -> Floats:
    """A string after Karplus and Strong, 1983."""
    ring = random.uniform(-1, 1, round(RATE / hertz))
    out = np.zeros(frames)
    for start in range(0, frames, len(ring)):
        out[start : start + len(ring)] = ring[: frames - start]
        ring = 0.498 * (ring + np.roll(ring, -1))
    return out
