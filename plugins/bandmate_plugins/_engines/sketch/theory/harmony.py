"""Chords as numbers: pitch classes from 0 (C) to 11 (B)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bandmate_plugins._theory.keys import MODES, Key
from bandmate_protocol.keys import pitch_class

QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "69": (0, 4, 7, 9, 14),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "mmaj7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10),
    "7#5": (0, 4, 8, 10),
    "7b5": (0, 4, 6, 10),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "9sus4": (0, 5, 7, 10, 14),
    "11": (0, 7, 10, 14, 17),
    "m11": (0, 3, 7, 10, 14, 17),
    "13": (0, 4, 10, 14, 21),
    "maj13": (0, 4, 11, 14, 21),
    "m13": (0, 3, 10, 14, 21),
}
"""Semitones above the root, by the end of a chord's symbol."""

_ALIASES = {
    "M": "", "maj": "", "major": "", "min": "m", "minor": "m", "-": "m", "mi": "m",
    "o": "dim", "°": "dim", "+": "aug", "sus": "sus4", "o7": "dim7", "°7": "dim7",
    "M7": "maj7", "ma7": "maj7", "Δ": "maj7", "Δ7": "maj7", "j7": "maj7",
    "min7": "m7", "-7": "m7", "mi7": "m7", "mM7": "mmaj7", "minmaj7": "mmaj7", "m(maj7)": "mmaj7",
    "ø": "m7b5", "ø7": "m7b5", "hdim7": "m7b5", "hdim": "m7b5", "-7b5": "m7b5", "min7b5": "m7b5",
    "7sus": "7sus4", "aug7": "7#5", "+7": "7#5", "M9": "maj9", "min9": "m9", "-9": "m9",
    "9sus": "9sus4", "min6": "m6", "-6": "m6", "6/9": "69", "maj6": "6", "min11": "m11",
    "1": "5", "2": "add9",
}  # fmt: skip

_CHORD = re.compile(r"^([A-G])([#b♯♭]?):?(.*)$")
_NUMERAL = re.compile(r"^([b#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*)$")
_DEGREES = {"I": 0, "II": 1, "III": 2, "IV": 3, "V": 4, "VI": 5, "VII": 6}


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: its root, the semitones above it, and the pitch class of its bass."""

    root: int
    intervals: tuple[int, ...]
    bass: int
    symbol: str

    @property
    def pitch_classes(self) -> frozenset[int]:
        """All of them, the bass too."""
        return frozenset({(self.root + step) % 12 for step in self.intervals} | {self.bass})

    @property
    def is_minor(self) -> bool:
        """Whether it has a minor third and no major one."""
        return 3 in self.intervals and 4 not in self.intervals

    def first_tone(self, *choices: int) -> int:
        """The pitch class of the first of these intervals that the chord has, else of its root."""
        found = next((step for step in choices if step in self.intervals), 0)
        return (self.root + found) % 12


def parse_chord(symbol: str) -> Chord | None:
    """Reads `Am7`, `F/C`, `Bb:min7`. None for no chord (`N`) and for what is not one.

    An ending that is not known counts as the triad that it begins with.
    """
    head, _, below = symbol.strip().partition("/")
    if below == "9":
        head, below = head + "/9", ""
    match = _CHORD.match(head)
    if not match:
        return None
    root = pitch_class(match[1], match[2])
    under = _CHORD.match(below)
    bass = pitch_class(under[1], under[2]) if under else root
    return Chord(root, _chord_quality(match[3]), bass, symbol.strip())


def parse_numeral(text: str, key: Key) -> Chord:
    """A Roman numeral in a key: `ii7`, `bVII`, `V7/V`. Case says major or minor.

    Degrees are those of the key's own scale (`VI` in A minor is F). In modes other than major and minor,
    chords without an accidental are built from the scale. Raises ValueError when it cannot be read.
    """
    head, _, of = text.partition("/")
    if of:
        target = parse_numeral(of, key)
        return parse_numeral(head, Key(target.root, "minor" if target.is_minor else "major"))
    match = _NUMERAL.match(head)
    if not match:
        raise ValueError(f"{text!r} is not a Roman numeral")
    accidental, letters, ending = match.groups()
    degree = _DEGREES[letters.upper()]
    shift = {"": 0, "b": -1, "#": 1}[accidental]
    root = (key.scale[degree] + shift) % 12
    if key.mode in ("major", "minor") or accidental:
        intervals = _numeral_quality(letters, ending)
    else:
        intervals = _scale_intervals(key, degree, seventh=any(digit in ending for digit in "79"))
    return Chord(root, intervals, root, key.spell_pitch(root) + _chord_symbol(intervals))


def scale_chord(key: Key, degree: int, *, seventh: bool = False) -> Chord:
    """The chord that the scale itself builds on a degree, counted from 0."""
    root = key.scale[degree % 7]
    intervals = _scale_intervals(key, degree % 7, seventh)
    return Chord(root, intervals, root, key.spell_pitch(root) + _chord_symbol(intervals))


def _chord_quality(ending: str) -> tuple[int, ...]:
    ending = ending.strip().replace("♭", "b").replace("♯", "#").replace(" ", "")
    ending = ending.strip("()") if ending.startswith("(") else ending
    ending = _ALIASES.get(ending, ending)
    if ending in QUALITIES:
        return QUALITIES[ending]
    for length in range(len(ending) - 1, 0, -1):
        start = _ALIASES.get(ending[:length], ending[:length])
        if start in QUALITIES:
            return QUALITIES[start]
    return QUALITIES[""]


def _numeral_quality(letters: str, ending: str) -> tuple[int, ...]:
    if letters.islower() and ending[:1] not in ("°", "ø"):
        return QUALITIES["m" + ending]
    return QUALITIES[_ALIASES.get(ending, ending)]


def _scale_intervals(key: Key, degree: int, seventh: bool) -> tuple[int, ...]:
    steps = MODES[key.mode]
    above = [steps[(degree + 2 * n) % 7] + 12 * ((degree + 2 * n) // 7) - steps[degree] for n in range(4)]
    return tuple(above[: 4 if seventh else 3])


def _chord_symbol(intervals: tuple[int, ...]) -> str:
    return next((name for name, steps in QUALITIES.items() if steps == intervals), "")
