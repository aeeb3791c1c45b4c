"""A riff of four chords made from formulas, at any tuning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
BPM = 120.0
CHORDS = ("C", "Am", "F", "G")
_NOTES = {"C": (60, 64, 67), "Am": (57, 60, 64), "F": (53, 57, 60), "G": (55, 59, 62)}
_PARTIALS = (1.0, 1 / 2, 1 / 3)
_DECAY, _HELD_SECONDS = 6.0, 0.45


def riff(cents: float = 0.0, bars: int = 6, rate: int = RATE) -> NDArray[np.float32]:
    """Mono, shape (frames,): a chord a bar, struck on every beat at 120 bpm, all pitches `cents` off."""
    beat = round(rate * 60 / BPM)
    out = np.zeros(4 * bars * beat + rate)
    for number in range(4 * bars):
        struck = _struck(_NOTES[CHORDS[number // 4 % 4]], cents, rate)
        out[number * beat : number * beat + len(struck)] += struck
    return (0.2 * out[: 4 * bars * beat]).astype(np.float32)


def _struck(notes: tuple[int, ...], cents: float, rate: int) -> NDArray[np.float64]:
    time = np.arange(round(_HELD_SECONDS * rate)) / rate
    out = np.zeros(len(time))
    for note in notes:
        hertz = 440 * 2 ** ((note - 69 + cents / 100) / 12)
        for number, level in enumerate(_PARTIALS, 1):
            out += level * np.sin(2 * np.pi * number * hertz * time)
    return np.asarray(out * np.exp(-_DECAY * time) * np.minimum(1, time / 0.003))
