"""Chords as numbers: pitch classes from 0 (C) to 11 (B)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bandmate_plugins._theory.chord_qualities import ALIASES, QUALITIES, plain_ending, read_quality
from bandmate_plugins._theory.keys import MODES, Key
from bandmate_protocol.keys import pitch_class

_CHORD = re.compile(r"^([A-G])([#b♯♭]?):?(.*?)(?:/([A-G])([#b♯♭]?))?$")
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
    match = _CHORD.match(symbol.strip())
    if not match:
        return None
    root = pitch_class(match[1], match[2])
    bass = pitch_class(match[4], match[5]) if match[4] else root
    return Chord(root, _chord_quality(match[3]), bass, symbol.strip())


def read_chord(symbol: str) -> Chord | None:
    """Reads a symbol as `parse_chord` does, but only if all of it is understood."""
    match = _CHORD.match(symbol.strip())
    return parse_chord(symbol) if match and read_quality(match[3]) is not None else None


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
    return Chord(root, intervals, root, key.spell_pitch(root) + chord_ending(intervals))


def scale_chord(key: Key, degree: int, *, seventh: bool = False) -> Chord:
    """The chord that the scale itself builds on a degree, counted from 0."""
    root = key.scale[degree % 7]
    intervals = _scale_intervals(key, degree % 7, seventh)
    return Chord(root, intervals, root, key.spell_pitch(root) + chord_ending(intervals))


def _chord_quality(ending: str) -> tuple[int, ...]:
    found = read_quality(ending)
    if found is not None:
        return found
    plain = plain_ending(ending)
    plain = plain.strip("()") if plain.startswith("(") else plain
    for length in range(len(plain) - 1, 0, -1):
        start = ALIASES.get(plain[:length], plain[:length])
        if start in QUALITIES:
            return QUALITIES[start]
    return QUALITIES[""]


def _numeral_quality(letters: str, ending: str) -> tuple[int, ...]:
    if letters.islower() and ending[:1] not in ("°", "ø"):
        return QUALITIES["m" + ending]
    return QUALITIES[ALIASES.get(ending, ending)]


def _scale_intervals(key: Key, degree: int, seventh: bool) -> tuple[int, ...]:
    steps = MODES[key.mode]
    above = [steps[(degree + 2 * n) % 7] + 12 * ((degree + 2 * n) // 7) - steps[degree] for n in range(4)]
    return tuple(above[: 4 if seventh else 3])


def chord_ending(intervals: tuple[int, ...]) -> str:
    """The end of the symbol of a chord with these semitones above its root; empty where none is known."""
    return next((name for name, steps in QUALITIES.items() if steps == intervals), "")
