"""Names of keys, as people write them: `A minor`, `F# dorian`, `Bb`, `Am`."""

from __future__ import annotations

import re
from dataclasses import dataclass

MODES = (
    "major",
    "minor",
    "dorian",
    "phrygian",
    "lydian",
    "mixolydian",
    "locrian",
    "harmonic minor",
    "melodic minor",
)
"""Every mode that a key can be in."""

_MODE_OF = {
    "": "major",
    "maj": "major",
    "ionian": "major",
    "m": "minor",
    "min": "minor",
    "aeolian": "minor",
    "natural minor": "minor",
    "blues": "minor",
    "minor pentatonic": "minor",
    "major pentatonic": "major",
    "pentatonic": "major",
    **{mode: mode for mode in MODES},
}
_KEY = re.compile(r"([A-Ga-g])(\s?sharp|\s?flat|[#b♯♭]?)\s*[-_ ]?\s*([A-Za-z ]*)")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}


@dataclass(frozen=True, slots=True)
class KeyName:
    """A key: its tonic as a pitch class (C is 0, B is 11) and its mode."""

    tonic: int
    mode: str


def read_key(text: str) -> KeyName | None:
    """The key that a text names; None when it names none. A small letter alone is minor."""
    match = _KEY.fullmatch(text.strip())
    if not match:
        return None
    letter, accidental, mode = match[1], match[2].strip(), " ".join(match[3].split())
    if letter.islower() and not mode:
        mode = "minor"
    # `M` alone is major where `m` is minor.
    known = _MODE_OF.get("major" if mode == "M" else mode.lower())
    return KeyName(pitch_class(letter.upper(), accidental), known) if known else None


def pitch_class(letter: str, accidental: str = "") -> int:
    """The pitch class of a note's name; the accidental is `#`, `b`, `♯`, `♭`, `sharp`, `flat` or empty."""
    return (_LETTERS[letter] + _SHIFTS.get(accidental, 0)) % 12
