"""Pitches, keys and chords by the letters of notation."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_plugins._theory.keys import Key

_FIFTHS = {0: 0, 7: 1, 2: 2, 9: 3, 4: 4, 11: 5, 6: 6, 5: -1, 10: -2, 3: -3, 8: -4, 1: -5}
_TO_MAJOR = {
    "major": 0, "dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7,
    "minor": 9, "locrian": 11, "harmonic minor": 9, "melodic minor": 9,
}  # fmt: skip
_SHARP_ORDER = "FCGDAEB"


@dataclass(frozen=True, slots=True)
class SpelledPitch:
    """A pitch as it is written."""

    letter: str
    alter: int
    """Semitones by which the letter is raised."""
    octave: int
    """4 is the octave from middle C up."""


def spell_pitch(pitch: int, key: Key | None) -> SpelledPitch:
    """A MIDI note number in a key; in C major where there is none."""
    name = (key or Key(0)).spell_pitch(pitch % 12)
    return SpelledPitch(name[0], {"": 0, "#": 1, "b": -1}[name[1:]], pitch // 12 - 1)


def key_fifths(key: Key) -> int:
    """The sharps of a key signature; flats are negative."""
    return _FIFTHS[(key.tonic - _TO_MAJOR[key.mode]) % 12]


def signature_alters(fifths: int) -> dict[str, int]:
    """How a key signature alters each letter."""
    letters = _SHARP_ORDER[:fifths] if fifths > 0 else _SHARP_ORDER[::-1][:-fifths]
    return dict.fromkeys(letters, 1 if fifths > 0 else -1)
