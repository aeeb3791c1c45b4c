"""Pitches, keys and chords by the letters of notation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bandmate_plugins._theory.keys import Key

_FIFTHS = {0: 0, 7: 1, 2: 2, 9: 3, 4: 4, 11: 5, 6: 6, 5: -1, 10: -2, 3: -3, 8: -4, 1: -5}
_TO_MAJOR = {
    "major": 0, "dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7,
    "minor": 9, "locrian": 11, "harmonic minor": 9, "melodic minor": 9,
}  # fmt: skip
_SHARP_ORDER = "FCGDAEB"
_LETTER_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_CHORD_LETTER = re.compile(r"(?:^|(?<=/))[A-G][#b]?")


@dataclass(frozen=True, slots=True)
class SpelledPitch:
    """A pitch as it is written."""

    letter: str
    alter: int
    """Semitones by which the letter is raised."""
    octave: int
    """4 is the octave from middle C up."""


def spell_pitch(pitch: int, key: Key | None) -> SpelledPitch:
    """A MIDI note number in a key; in C major where there is none.

    The notes of the signature have its letters. The others lie on the line of fifths from three below the tonic of the
    relative major, its minor third, to eight above, the leading note of the relative minor.
    """
    letter, alter = _spell_class(pitch % 12, key or Key(0))
    # B# is written in the octave below the one that it sounds in, and Cb in the one above.
    return SpelledPitch(letter, alter, (pitch - alter) // 12 - 1)


def respell_chord(symbol: str, key: Key | None) -> str:
    """A chord symbol with its root and its bass in the letters of a key."""
    if key is None:
        return symbol
    return _CHORD_LETTER.sub(lambda found: _respell_letter(found[0], key), symbol)


def _respell_letter(text: str, key: Key) -> str:
    letter, alter = _spell_class(_LETTER_CLASSES[text[0]] + {"#": 1, "b": -1}.get(text[1:], 0), key)
    return letter + {1: "#", 0: "", -1: "b"}[alter]


def _spell_class(pitch_class: int, key: Key) -> tuple[str, int]:
    signature = key_fifths(key)
    # 7 fifths are a semitone up: the place of a pitch class on the line, 0 for C, within twelve from the lowest one.
    for lowest, count in ((signature - 1, 7), (signature - 3, 12)):
        place = lowest + (7 * pitch_class - lowest) % 12
        if place < lowest + count:
            break
    alter, number = divmod(place + 1, 7)
    if abs(alter) <= 1:
        return _SHARP_ORDER[number], alter
    # No double sharps and flats: the plain note.
    plain = key.spell_pitch(pitch_class % 12)
    return plain[0], {"": 0, "#": 1, "b": -1}[plain[1:]]


def key_fifths(key: Key) -> int:
    """The sharps of a key signature; flats are negative."""
    return _FIFTHS[(key.tonic - _TO_MAJOR[key.mode]) % 12]


def signature_alters(fifths: int) -> dict[str, int]:
    """How a key signature alters each letter."""
    letters = _SHARP_ORDER[:fifths] if fifths > 0 else _SHARP_ORDER[::-1][:-fifths]
    return dict.fromkeys(letters, 1 if fifths > 0 else -1)
