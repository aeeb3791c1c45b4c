"""One line of a project file: its words, its quoting, its numbers.

Text is what the file's bytes give as UTF-8 with `surrogateescape`, so that any bytes survive the way there
and back.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

BLANK = " \t\r\n"
"""What separates words; other Unicode blanks are part of a word."""

_QUOTES = "\"'`"
_WORD = re.compile(r"""(?P<quote>["'`])(?P<inside>.*?)(?:(?P=quote)|$)|(?P<bare>[^ \t]+)""", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def split_words(line: str) -> list[str]:
    """The words of a line; a quoted word runs to the next quote of its kind, or to the end of the line."""
    return [
        match["inside"] if match["quote"] else match["bare"] for match in _WORD.finditer(line.strip(BLANK))
    ]


def first_word(line: str) -> str:
    """The first word, which names what the line sets."""
    parts = line.split(None, 1)
    return parts[0] if parts else ""


def quote_text(text: str) -> str:
    """A text as one word: quoted by the first of " ' ` that it does not hold.

    A text with all three has its ` turned into ', as REAPER does.
    """
    text = to_one_line(text)
    for mark in _QUOTES:
        if mark not in text:
            return f"{mark}{text}{mark}"
    return "`" + text.replace("`", "'") + "`"


def to_one_line(text: str) -> str:
    """The text without what would end a line or cannot be written."""
    return "".join(_plain_char(char) for char in text)


def _plain_char(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    if kind == "Cs" and not "\udc80" <= char <= "\udcff":
        return "\ufffd"
    return char


def readable_text(text: str) -> str:
    """The text for people and messages: bytes that are no UTF-8 are read as Windows-1252, then Latin-1."""
    if text.isascii():
        return text
    data = text.encode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def number_text(value: float) -> str:
    """A number as REAPER can read it: the fewest digits that give the same value, never an exponent."""
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(float(value))), "f")


def as_float(word: str, default: float = 0.0) -> float:
    """The number that a word starts with."""
    found = _NUMBER.match(word)
    value = float(found[0]) if found else default
    return value if math.isfinite(value) else default


def as_int(word: str, default: int = 0) -> int:
    """The whole number that a word starts with."""
    return int(as_float(word, float(default)))
