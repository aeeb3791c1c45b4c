"""What the end of a chord symbol means: `m7`, `maj7#11`, `13(b9)`, `ø`, as semitones above the root.

Symbols follow common practice in lead sheets (Brandt and Roemer, "Standardized Chord Symbol Notation", 1976, and
what people write in its place). An eleventh leaves out the third, a thirteenth the fifth and the eleventh.
"""

from __future__ import annotations

import re
import unicodedata

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

ALIASES = {
    "M": "", "maj": "", "major": "", "min": "m", "minor": "m", "-": "m", "mi": "m",
    "o": "dim", "°": "dim", "+": "aug", "sus": "sus4", "o7": "dim7", "°7": "dim7",
    "M7": "maj7", "ma7": "maj7", "Δ": "maj7", "Δ7": "maj7", "j7": "maj7",
    "min7": "m7", "-7": "m7", "mi7": "m7", "mM7": "mmaj7", "minmaj7": "mmaj7", "m(maj7)": "mmaj7",
    "ø": "m7b5", "ø7": "m7b5", "hdim7": "m7b5", "hdim": "m7b5", "-7b5": "m7b5", "min7b5": "m7b5",
    "7sus": "7sus4", "aug7": "7#5", "+7": "7#5", "M9": "maj9", "min9": "m9", "-9": "m9",
    "9sus": "9sus4", "min6": "m6", "-6": "m6", "6/9": "69", "maj6": "6", "min11": "m11",
    "1": "5", "2": "add9",
}  # fmt: skip

_SIGNS = str.maketrans(
    {"♭": "b", "♯": "#", "−": "-", "–": "-", "△": "Δ", "∆": "Δ", "Ø": "ø", "º": "°", " ": "", ",": ""}  # noqa: RUF001
)
_FAMILIES = (
    ("mmaj", r"(?:min[Mm]aj|m[Mm]aj|-[Mm]aj|mM|-M|m\^|-\^|mΔ|-Δ)"),
    ("maj", r"(?:major|[Mm]aj|ma|M|Δ|\^|j(?=\d))"),
    ("half", r"(?:hdim|h|ø)"),
    ("dim", r"(?:dim|°|o(?!m))"),
    ("aug", r"(?:aug|\+)"),
    ("m", r"(?:minor|min|mi|m|-)"),
    ("", r""),
)
"""Kinds of chords with the ways to write them; the first that fits wins."""
_MAJOR_SEVENTH_SIGNS = ("Δ", "^")
_NUMBER = re.compile(r"6/?9|13|11|9|7|6|5|4|2")
_CHANGES = re.compile(
    r"sus(?:24|2|4)?|add[b#]?(?:13|11|9|6|4|3|2)|(?:omit|no)[35]|alt|[Mm]aj7|M7|[b#+-](?:13|11|9|6|5)|/9"
)
_DEGREES = {"2": 14, "3": 4, "4": 17, "5": 7, "6": 9, "9": 14, "11": 17, "13": 21}
_SHIFTS = {"b": -1, "-": -1, "#": 1, "+": 1}


def read_quality(ending: str) -> tuple[int, ...] | None:
    """The semitones above the root that the end of a symbol names; None for what cannot be read."""
    plain = plain_ending(ending)
    for text in (plain, plain.replace("(", "").replace(")", "")):
        known = ALIASES.get(text, text)
        if known in QUALITIES:
            return QUALITIES[known]
    if plain.count("(") != plain.count(")"):
        return None
    return _built_quality(plain.replace("(", "").replace(")", ""))


def plain_ending(ending: str) -> str:
    """An ending with plain accidentals and one sign for each of several that look alike."""
    return unicodedata.normalize("NFKC", ending.translate(_SIGNS)).strip()


def _built_quality(text: str) -> tuple[int, ...] | None:
    """Reads a kind of chord, a number, and what changes it, in this order."""
    family, sign, rest = _take_family(text)
    number = _NUMBER.match(rest)
    count = number[0].replace("/", "") if number else ""
    rest = rest[number.end() :] if number else rest
    if not count and (sign in _MAJOR_SEVENTH_SIGNS or family in ("mmaj", "half")):
        count = "7"
    tones = _family_tones(family, count)
    while rest and tones is not None:
        change = _CHANGES.match(rest)
        if change is None or not _apply_change(tones, change[0]):
            return None
        rest = rest[change.end() :]
    return None if tones is None else tuple(sorted(tones))


def _take_family(text: str) -> tuple[str, str, str]:
    for name, pattern in _FAMILIES:
        found = re.match(pattern, text)
        if found:
            return name, found[0], text[found.end() :]
    raise AssertionError("the last family fits everything")


def _family_tones(family: str, number: str) -> set[int] | None:
    """The tones before anything changes them; None for a number that the kind cannot have."""
    third = 3 if family in ("m", "mmaj", "dim", "half") else 4
    fifth = {"dim": 6, "half": 6, "aug": 8}.get(family, 7)
    seventh = {"maj": 11, "mmaj": 11, "dim": 9}.get(family, 10)
    tones = {0, third, fifth}
    if number in ("6", "69"):
        return None if family not in ("", "m", "maj") else tones | {9} | ({14} if number == "69" else set())
    if number == "5":
        return {0, 7} if family == "" else None
    if number == "4":
        return {0, 5, 7} if family == "" else None
    if number == "2":
        return tones | {14} if family in ("", "m") else None
    if number:
        tones.add(seventh)
    if number in ("9", "11", "13"):
        tones.add(14)
    if number == "11":
        tones.add(17)
        tones -= {4}
    if number == "13":
        tones.add(21)
        tones -= {7}
    return tones


def _apply_change(tones: set[int], change: str) -> bool:
    """Applies one addition or alteration; False where it makes no sense."""
    if change.startswith("sus"):
        tones -= {3, 4}
        tones |= {2, 5} if change == "sus24" else {2} if change == "sus2" else {5}
    elif change.startswith(("omit", "no")):
        tones -= {3, 4} if change[-1] == "3" else {6, 7, 8}
    elif change == "alt":
        tones -= {7}
        tones |= {8, 10, 15}
    elif change in ("maj7", "Maj7", "M7"):
        tones -= {10}
        tones.add(11)
    elif change == "/9":
        tones.add(14)
    else:
        return _alter_tone(tones, change.removeprefix("add"), adds=change.startswith("add"))
    return True


def _alter_tone(tones: set[int], change: str, *, adds: bool) -> bool:
    shift = _SHIFTS.get(change[0], 0)
    degree = change.lstrip("b#+-")
    tone = _DEGREES[degree]
    if degree == "5":
        tones -= {6, 7, 8}
    elif degree == "6" and not adds:
        # Minor chords with a flat sixth, and nothing else, are written so.
        tone = 9
    elif not adds:
        tones.discard(tone)
    tones.add(tone + shift)
    return True
