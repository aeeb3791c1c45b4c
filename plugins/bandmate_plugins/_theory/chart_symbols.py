"""The symbols of a chart: letters, Roman numerals, Nashville numbers, and what they are in a key."""

from __future__ import annotations

import re
import unicodedata

from bandmate_plugins._theory.chord_qualities import plain_ending, read_quality
from bandmate_plugins._theory.chords import chord_ending, read_chord, scale_chord
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.pitch_names import PITCH_NAMES
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.keys import pitch_class

NO_CHORD = "N"
"""The symbol of a bar, or a part of one, in which nothing with a pitch plays."""
_SILENT = frozenset({"n", "nc", "n.c.", "n.c", "tacet"})
_MAX_SYMBOL = 32
_ROMAN = "VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i"
_NUMERAL = re.compile(rf"([b#]?)({_ROMAN})(?![IViv])(.*)")
_NUMBER = re.compile(r"([b#]?)([1-7])(.*)")
_BASS_DEGREE = re.compile(r"[b#]?[1-7]")
_ROMAN_STEPS = {"I": 0, "II": 1, "III": 2, "IV": 3, "V": 4, "VI": 5, "VII": 6}
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_SHIFTS = {"": 0, "b": -1, "#": 1}


def plain_symbol(written: str) -> str | None:
    """A symbol with plain accidentals and a capital root; None for what cannot be read."""
    text = unicodedata.normalize("NFKC", written.strip()).replace("♭", "b").replace("♯", "#")
    if text.casefold() in _SILENT:
        return NO_CHORD
    if len(text) > _MAX_SYMBOL:
        return None
    if _is_readable_degree(text):
        return text
    text = _capital_notes(text)
    return text if read_chord(text) is not None else None


def is_degree(symbol: str) -> bool:
    """Whether a symbol that was read needs a key."""
    return symbol != NO_CHORD and symbol[:1] not in "ABCDEFG"


def letter_symbol(symbol: str, key: Key | None) -> str:
    """A symbol in letters. Raises RequestError (`bad_params`) for a degree without a key."""
    if not is_degree(symbol):
        return symbol
    if key is None:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "Roman numerals and numbers need a key.",
            'Give one, such as --key "A minor", or write the chords as letters.',
        )
    head, _, below = symbol.partition("/")
    if below == "9":
        head, below = f"{head}/9", ""
    if below and not _BASS_DEGREE.fullmatch(below):
        target = letter_symbol(below, key)
        chord = read_chord(target)
        assert chord is not None, "it was read before"
        return letter_symbol(head, Key(chord.root, "minor" if chord.is_minor else "major"))
    bass = f"/{key.spell_pitch(_degree_root(below, key))}" if below else ""
    return _degree_symbol(head, key) + bass


def _capital_notes(text: str) -> str:
    """The same with capitals for the notes, as in `am7/g`."""
    return re.sub(r"^[a-g]|(?<=/)[a-g]", lambda note: note[0].upper(), text)


def _is_readable_degree(text: str) -> bool:
    head, slash, below = text.partition("/")
    if below == "9":
        head, slash = f"{head}/9", ""
    if slash and not _BASS_DEGREE.fullmatch(below) and not _is_readable_degree(below):
        return False
    return _split_degree(head) is not None


def _split_degree(text: str) -> tuple[str, int, str] | None:
    """Accidental, step from 0, and the ending as after a letter; None for what is no degree."""
    head, _, nine = text.partition("/")
    found = _NUMERAL.fullmatch(head)
    if found:
        accidental, letters, ending = found.groups()
        ending = plain_ending(ending) + ("/9" if nine else "")
        step = _ROMAN_STEPS[letters.upper()]
        if letters.islower() and not ending.startswith(("°", "o", "ø", "h", "dim", "m", "-")):
            ending = f"m{ending}"
        return (accidental, step, ending) if read_quality(ending) is not None else None
    found = _NUMBER.fullmatch(head)
    if not found:
        return None
    ending = plain_ending(found[3]) + ("/9" if nine else "")
    return (found[1], int(found[2]) - 1, ending) if read_quality(ending) is not None else None


def _degree_symbol(text: str, key: Key) -> str:
    split = _split_degree(text)
    assert split is not None, "it was read before"
    accidental, step, ending = split
    root = _step_root(accidental, step, key)
    if len(text) == 1 and text.isdigit():
        # A number alone is the key's own chord; in major, 2, 3 and 6 are then minor.
        ending = chord_ending(scale_chord(key, step).intervals)
    return key.spell_pitch(root) + ending


def _degree_root(text: str, key: Key) -> int:
    accidental, step = ("", text) if text.isdigit() else (text[0], text[1:])
    return _step_root(accidental, int(step) - 1, key)


def _step_root(accidental: str, step: int, key: Key) -> int:
    """The root of a degree of the key's scale. A flat is counted from the major scale, as in `i bVII bVI`."""
    if accidental == "b":
        return (key.tonic + _MAJOR[step] - 1) % 12
    return (key.scale[step] + _SHIFTS[accidental]) % 12


def transpose_symbol(symbol: str, semitones: int) -> str:
    """A symbol in letters so many semitones higher; degrees of a key stay as they are."""
    plain = plain_symbol(symbol)
    if plain is None or plain == NO_CHORD or is_degree(plain):
        return symbol

    def shifted(note: re.Match[str]) -> str:
        return PITCH_NAMES[(pitch_class(note[1], note[2]) + semitones) % 12]

    return re.sub(r"(?:^|(?<=/))([A-G])([b#]?)", shifted, plain)
