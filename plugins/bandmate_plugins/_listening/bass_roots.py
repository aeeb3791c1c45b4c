"""Reads the roots that a bass plays, so that a new line keeps the harmony of the old one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.placed_audio import PlacedAudio
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.pitch_names import PITCH_NAMES
from bandmate_protocol.messages import ChordMark
from bandmate_protocol.tempo import nearest_frame

_LOW, _HIGH = 26, 55
_PARTIALS = (1.0, 0.8, 0.6, 0.4)
_CLEAR = 2.5
"""How much more than the mean the note must have."""
_MIN_SECONDS = 0.2


def detect_roots(old: PlacedAudio, music: MusicalRange, cents: int = 0) -> tuple[ChordMark, ...]:
    """The bass note of each half bar of the range, as a chord of root and fifth; held where it is not clear.

    The recording lies `cents` above concert pitch. Empty where hardly anything is clear.
    """
    rate, mono = music.sample_rate, old.mono
    cells = _half_bars(music)
    marks: list[ChordMark] = []
    found = 0
    for start, end in pairwise(cells):
        first, last = max(nearest_frame(start) - old.start, 0), min(nearest_frame(end) - old.start, len(mono))
        pitch = _bass_note(mono[first:last], rate, cents)
        if pitch is None:
            continue
        found += 1
        symbol = f"{PITCH_NAMES[pitch % 12]}5"
        if not marks or marks[-1].symbol != symbol:
            marks.append(ChordMark(position=max(nearest_frame(start), 0), symbol=symbol))
    return tuple(marks) if 2 * found >= len(cells) - 1 else ()


def _half_bars(music: MusicalRange) -> list[float]:
    """The borders of the half bars (of whole bars where the metre has no half)."""
    tempo, start, end = music.tempo, music.start_frame, music.end_frame
    borders: list[float] = []
    for bar in tempo.bars(start, end):
        borders.append(max(bar.start, start))
        if bar.numerator % 2 == 0 and bar.numerator > 2:
            borders.append(tempo.position_of(bar.number, bar.numerator / 2))
    inside = [at for at in borders if start <= at < end - 1]
    return [*sorted(set(inside)), float(end)]


def _bass_note(mono: NDArray[np.float64], rate: int, cents: int) -> int | None:
    """The MIDI note whose first partials have the most, if it stands out."""
    if len(mono) < _MIN_SECONDS * rate:
        return None
    size = 1 << int(np.ceil(np.log2(max(len(mono), rate / 2))))
    sound = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), size))
    pitches = np.arange(_LOW, _HIGH)
    strength = np.zeros(len(pitches))
    for number, weight in enumerate(_PARTIALS, 1):
        centres = 440.0 * 2 ** ((pitches + cents / 100 - 69) / 12) * number * size / rate
        for at, centre in enumerate(centres):
            reach = max(1, round(0.02 * centre))
            near = sound[max(round(centre) - reach, 0) : round(centre) + reach + 1]
            strength[at] += weight * float(near.max(initial=0.0))
    best = int(strength.argmax())
    return int(pitches[best]) if strength[best] > _CLEAR * strength.mean() else None
