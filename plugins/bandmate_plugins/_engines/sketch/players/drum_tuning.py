"""Tunes drums to the key, as drummers and producers do: a kick between the notes of the bass clouds both.

Only what rings on one pitch is tuned: kicks, toms, congas. Snares, cymbals, bells and wood stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

import msgspec
import numpy as np
from scipy import signal

from bandmate_plugins._engines.sketch.library import DrumKit
from bandmate_plugins._engines.sketch.library.patches import DrumPatch
from bandmate_plugins._listening.loudness import k_weighting
from bandmate_plugins._theory.keys import Key

_RATE = 48_000
_A4_HZ, _A4 = 440.0, 69
_OCTAVE, _FIFTH = 12, 7
_DEEP_HZ = 80.0
"""Drums under this are in the bass's register, where only its tonic and fifth go with every chord."""
_RINGS_SECONDS = 0.09
"""Tones that die sooner are part of the noise of a stroke."""
_MAX_TONIC_SEMITONES = 4.0
"""Semitones that a deep drum is moved at most to reach the tonic; beyond them the fifth is nearer."""


def tune_kit(kit: DrumKit, key: Key, cents: int = 0) -> DrumKit:
    """The kit with its deep drums on the tonic, or the fifth, and others on the tonic's triad.

    These are `cents` above concert pitch.
    """
    tonic, fifth = key.tonic, (key.tonic + _FIFTH) % _OCTAVE
    triad = (tonic, (key.tonic + (3 if key.is_minor else 4)) % _OCTAVE, fifth)
    return msgspec.structs.replace(
        kit,
        drums={
            name: _tune_deep_drum(drum, tonic, fifth, cents)
            if drum.hz < _DEEP_HZ
            else _transpose_drum(drum, _semitones_to_nearest(drum.hz, triad, cents))
            for name, drum in kit.drums.items()
        },
    )


def tuned_power_ratio(plain: DrumPatch, made: DrumPatch) -> float:
    """How much more K-weighted power a drum has when it is tuned: low tones count for less."""
    return 1.0 if plain.hz == made.hz else float(_k_weighted_power(made.hz) / _k_weighted_power(plain.hz))


@lru_cache(maxsize=256)
def _k_weighted_power(hertz: float) -> float:
    _, response = signal.sosfreqz(k_weighting(_RATE), [hertz], fs=_RATE)
    return float(np.abs(response[0]) ** 2)


def _tune_deep_drum(drum: DrumPatch, tonic: int, fifth: int, cents: int) -> DrumPatch:
    way = _semitones_to_nearest(drum.hz, (tonic,), cents)
    return _transpose_drum(
        drum, way if abs(way) <= _MAX_TONIC_SEMITONES else _semitones_to_nearest(drum.hz, (fifth,), cents)
    )


def _semitones_to_nearest(hertz: float, classes: Iterable[int], cents: int) -> float:
    """Semitones from a frequency to the nearest pitch of some pitch classes, which are so many cents high."""
    pitch = _A4 + _OCTAVE * math.log2(hertz / _A4_HZ) - cents / 100
    half = _OCTAVE / 2
    return min(((one - pitch + half) % _OCTAVE - half for one in classes), key=abs)


def _transpose_drum(drum: DrumPatch, semitones: float) -> DrumPatch:
    """The drum with its skin that much tighter, and what rings along with it."""
    if not drum.tone or drum.decay < _RINGS_SECONDS:
        return drum
    ratio = 2 ** (semitones / _OCTAVE)
    return msgspec.structs.replace(
        drum,
        hz=drum.hz * ratio,
        sweep_hz=drum.sweep_hz * ratio,
        modes=tuple((hertz * ratio, level, fall) for hertz, level, fall in drum.modes),
    )
