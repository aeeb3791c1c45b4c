"""The figures of a prompt: its tempo, its metre, its key and its length."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bandmate_plugins._engines.sketch.words.terms import all_terms, fold_term
from bandmate_plugins._theory.keys import Key, parse_key

_UNITS = r"beats? per minute|bpm"
_TEMPO = re.compile(
    rf"(?<![\w.])(\d{{2,3}}(?:\.\d+)?)\s*-?\s*(?:{_UNITS})\b"
    rf"|\b(?:tempo|bpm|speed)\s*(?:(?:of|at|=|:)\s*)?(\d{{2,3}}(?:\.\d+)?)(?![\w/.])",
    re.IGNORECASE,
)
_BARE_TEMPO = re.compile(
    r"(?:\b(?:loops?|beats?|grooves?|at|around|about|circa|roughly)\s+|~\s*)(\d{2,3})(?![\w/.%:]|\s*(?:bar|beat|sec|min|measure))"
    r"|(?<![\w./#-])(\d{2,3})\s*(?:$|(?=[,;]))"
    r"|^\s*(\d{2,3})(?![\w/.%:]|\s*(?:bar|beat|sec|min|measure|s\b))",
    re.IGNORECASE,
)
_SLOWEST_BARE, _FASTEST_BARE = 50, 220
"""A number without a unit is a tempo between these: 808 is a drum computer."""
_PLACE_WORDS = frozenset(
    {"to", "until", "through", "and", "bar", "bars", "measure", "measures", "second", "seconds", "swing"}
)
"""After these a bare number is a place or a share."""
_SLOWEST, _FASTEST = 20.0, 400.0
_METRE = re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])")
_NOTE_VALUES = frozenset({1, 2, 4, 8, 16, 32, 64})
"""What the lower number of a metre can be."""
_MODE = (
    "major|minor|maj|min|ionian|dorian|phrygian|lydian|mixolydian|aeolian|locrian|(?:harmonic|melodic) minor"
)
_KEY = re.compile(
    r"\b(?:in|key(?: of)?:?)?\s*\b(?:([A-G])(#|b|♯|♭)?(m)(?![\w'])"
    r"|([A-Ga-g])(#|b|♯|♭|-sharp|-flat| sharp| flat)?[ -]?"
    rf"({_MODE})(?!\w)(?!(?<=\ba minor|\ba major) (?:key|mode|mood|feel|scale)))"
)
"""`Am` needs its capital (`I am`); `a minor key` is no key of A."""
_BARE_KEY = re.compile(r"\b(?:in|key of|key:)\s+(?:the key of\s+)?([A-G])(#|b|♯|♭)?(?![\w'#])")
_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
} | {"sixteen": 16, "twenty": 20, "twenty four": 24, "thirty": 30, "thirty two": 32, "sixty": 60, "a": 1}  # fmt: skip
_LENGTH = re.compile(
    r"(?<!every )(?<!first )(?<!last )(?<!next )(?<!other )(?<![\w./])(\d{1,4}(?:\.\d+)?|"
    + "|".join(sorted(map(re.escape, _NUMBER_WORDS), key=len, reverse=True))
    + r")[\s-]*(bars?|measures?|seconds?|secs?|minutes?|mins?|s)\b(?!\s*blues)(?:\s+(?:of|long)\b)?",
    re.IGNORECASE,
)
_MAX_BARS, _MAX_SECONDS = 9999.0, 7200.0
_MAX_SHORT_SECONDS = 300.0
"""Up to here `s` are seconds."""


@dataclass(frozen=True, slots=True)
class PromptFigures:
    """What a prompt says in numbers; None is open."""

    bpm: float | None = None
    metre: tuple[int, int] | None = None
    key: Key | None = None
    bars: float | None = None
    seconds: float | None = None
    used: tuple[str, ...] = ()
    """How each is echoed."""
    unknown: tuple[str, ...] = ()


def take_figures(text: str) -> tuple[PromptFigures, str]:
    """The figures of a text, and the text without them."""
    bars, seconds, length, text = _take_length(text)
    bpm, text = _take_tempo(text)
    metre, impossible, text = _take_metre(text)
    key, text = _take_key(text)
    if bpm is None:
        bpm, text = _take_bare_tempo(text)
    used = [f"{bpm:g} bpm"] if bpm is not None else []
    used += [f"{metre[0]}/{metre[1]}"] if metre else []
    used += [key.name] if key else []
    used += [length] if length else []
    return PromptFigures(bpm, metre, key, bars, seconds, tuple(used), tuple(impossible)), text


def _take_length(text: str) -> tuple[float | None, float | None, str, str]:
    for match in _LENGTH.finditer(text):
        number, unit = match[1].casefold(), match[2].casefold()
        amount = float(_NUMBER_WORDS.get(number) or number)
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        if unit[0] in "bm" and not unit.startswith("min"):
            if 0 < amount <= _MAX_BARS and number != "a":
                return amount, None, f"{amount:g} bar{'s' if amount != 1 else ''}", rest
            continue
        if unit == "s" and not number[0].isdigit():
            continue
        seconds = amount * (60.0 if unit.startswith("min") else 1.0)
        if 0 < seconds <= _MAX_SECONDS and not _is_decade(number, unit):
            return None, seconds, f"{seconds:g} seconds", rest
    return None, None, "", text


def _is_decade(number: str, unit: str) -> bool:
    """Whether it is music of the 80s, or 808s."""
    return unit == "s" and (float(number) > _MAX_SHORT_SECONDS or float(number) in range(50, 100, 10))


def _take_tempo(text: str) -> tuple[float | None, str]:
    match = _TEMPO.search(text)
    if not match:
        return None, text
    bpm = min(max(float(match[1] or match[2]), _SLOWEST), _FASTEST)
    return bpm, f"{text[: match.start()]} {text[match.end() :]}"


def _take_bare_tempo(text: str) -> tuple[float | None, str]:
    for match in _BARE_TEMPO.finditer(text):
        which = next(number for number in (1, 2, 3) if match[number])
        before = text[: match.start(which)].rpartition(" ")[0].rpartition(" ")[2].casefold()
        is_free = before not in _PLACE_WORDS and fold_term(f"{before} {match[which]}") not in all_terms()
        if _SLOWEST_BARE <= int(match[which]) <= _FASTEST_BARE and is_free:
            return float(match[which]), f"{text[: match.start(which)]} {text[match.end(which) :]}"
    return None, text


def _take_metre(text: str) -> tuple[tuple[int, int] | None, list[str], str]:
    metre: tuple[int, int] | None = None
    used, unknown = "", []
    for match in _METRE.finditer(text):
        numerator, denominator = int(match[1]), int(match[2])
        if metre is None and 1 <= numerator <= 31 and denominator in _NOTE_VALUES:
            metre, used = (numerator, denominator), match[0]
        elif match[0] not in unknown and match[0] != used:
            unknown.append(match[0])
    return metre, unknown, _METRE.sub(" ", text)


def _take_key(text: str) -> tuple[Key | None, str]:
    match = _KEY.search(text)
    if match:
        letter, accidental, mode = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
    elif match := _BARE_KEY.search(text):
        letter, accidental, mode = match[1], match[2], "major"
    else:
        return None, text
    key = parse_key(f"{letter.upper()}{(accidental or '').strip(' -')} {mode}")
    return key, f"{text[: match.start()]} {text[match.end() :]}" if key else text
