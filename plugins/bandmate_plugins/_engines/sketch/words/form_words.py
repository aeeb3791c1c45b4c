"""What a prompt says of the form: `8 bars verse, 8 bars chorus`, `a fill before each section`, `8 bar build into the
chorus`. The words `fill` and `build` themselves stay in the prompt, for they are manners of playing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from bandmate_plugins._engines.sketch.theory.bar_places import BarPlace
from bandmate_plugins._engines.sketch.words.place_rules import match_places
from bandmate_plugins._engines.sketch.words.section_phrases import KIND, SECTIONS, section_names
from bandmate_plugins._theory.section_names import usual_section_name

_WORDS = {word: number for number, word in enumerate(
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
)} | {"sixteen": 16, "twenty four": 24, "thirty two": 32}  # fmt: skip
_NUMBER = r"(?:\d{1,3}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_BARS = r"(?:bars?|measures?)"
_COUNT = rf"(?<![\w./])({_NUMBER})[\s-]*{_BARS}"
_PARTS = re.compile(
    rf"{_COUNT}\s+(?:of\s+)?(?:an?\s+|the\s+)?({KIND})\b|\b({KIND})\s*(?:(?:of|for|:)\s*)?({_NUMBER})\s*{_BARS}\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"(?:[\s,;|]|->|\u2192|\bthen\b|\band\b|\bfollowed\s+by\b|\b(?:an?|the)\b)*", re.IGNORECASE
)
_MOST_PARTS = 64
_MOST_FILLS = 16
"""How many words `fill` are looked at for a bar that follows."""

_FILL = r"\b(?:drum\s+|tom\s+|snare\s+|big\s+)?fills?"
_EVERY = (
    rf"(?:every|each|all)\s+(?:({_NUMBER}|other|second|third|fourth|eighth|2nd|3rd|4th|8th)\s+)?{_BARS}\b"
)
_BOUNDARY = (
    rf"(?:before|into|at\s+the\s+end\s+of|leading\s+into|going\s+into|in\s+front\s+of)\s+"
    rf"(?:(?:the|each|every|all|any|a|new|next|of|change\s+of|change)\s+)*(?:(?:sections?|parts?|regions?)\b(?!\s+[A-Z\"'])|({SECTIONS}))"
)
_FILL_AT_SECTIONS = re.compile(rf"{_FILL}(\s+{_BOUNDARY})", re.IGNORECASE)
_FILL_BETWEEN = re.compile(
    rf"{_FILL}(\s+between\s+(?:the\s+|all\s+)*(?:sections|parts|regions)\b)", re.IGNORECASE
)
_FILL_EVERY = re.compile(rf"{_FILL}(\s+(?:in\s+|on\s+|at\s+)?{_EVERY})", re.IGNORECASE)
_EVERY_FILL = re.compile(rf"({_EVERY}\s+)(?:an?\s+)?{_FILL}", re.IGNORECASE)
_FILL_THERE = re.compile(rf"{_FILL}(\s+)", re.IGNORECASE)
_EVERY_NUMBERS = {
    "other": 2,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "eighth": 8,
    "8th": 8,
}

_BUILD = r"(?:build(?:ing|s)?(?:[\s-]?up)?|crescendo)"
_LONG_BUILD = re.compile(
    rf"{_COUNT}[\s-]+(?:long\s+)?{_BUILD}\b|\b{_BUILD}\s+(?:of|over|for|in|across)\s+(?:the\s+last\s+)?({_NUMBER})\s+{_BARS}\b",
    re.IGNORECASE,
)
_BUILD_INTO = re.compile(
    rf"\b{_BUILD}((?:\s+(?:of|over|for|in|across)\s+(?:the\s+last\s+)?{_NUMBER}\s+{_BARS})?"
    rf"\s+(?:(?:in)?to|towards?|until|till|up\s+to|before|leading\s+into)\s+{SECTIONS})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AskedBuild:
    """How long a build is, and what it leads to."""

    bars: int = 0
    """0 is open: up to eight, as far back as the section before reaches."""
    into: tuple[str, ...] = ()
    """The sections that it leads to; empty for the end of the range."""


@dataclass(frozen=True, slots=True)
class FormWords:
    """What a prompt says of the form."""

    parts: tuple[tuple[str, int], ...] = ()
    """The kinds of the sections and their lengths in bars; empty where the prompt does not say them."""
    fill: BarPlace | None = None
    build: AskedBuild | None = None
    used: tuple[str, ...] = ()


def take_form_words(text: str) -> tuple[FormWords, str]:
    """What a prompt says of the form, and the prompt without it."""
    parts, used, text = _take_parts(text)
    fill, text = _take_fill(text)
    build, phrase, text = _take_build(text)
    used += [fill.text] if fill else []
    used += [phrase] if phrase else []
    return FormWords(parts, fill, build, tuple(used)), text


def _take_parts(text: str) -> tuple[tuple[tuple[str, int], ...], list[str], str]:
    """The longest run of two sections with lengths or more."""
    runs: list[list[re.Match[str]]] = []
    for match in _PARTS.finditer(text):
        joins = runs and _BETWEEN.fullmatch(text, runs[-1][-1].end(), match.start())
        if joins and len(runs[-1]) < _MOST_PARTS:
            runs[-1].append(match)
        else:
            runs.append([match])
    run = max(runs, key=len, default=[])
    if len(run) < 2:
        return (), [], text
    parts = tuple((usual_section_name(match[2] or match[3]), _count(match[1] or match[4])) for match in run)
    text = f"{text[: run[0].start()]} {text[run[-1].end() :]}"
    return parts, [", ".join(f"{bars} bars {name}" for name, bars in parts)], text


def _take_fill(text: str) -> tuple[BarPlace | None, str]:
    """Where fills are; only the place is taken out."""
    for pattern in (_FILL_AT_SECTIONS, _FILL_BETWEEN):
        if match := pattern.search(text):
            named = match[2] if pattern is _FILL_AT_SECTIONS else None
            names = section_names(named) if named else ()
            place = BarPlace(_clean(match[0]), sections=names, sections_reach="ending")
            return place, _cut(text, match.start(1), match.end(1))
    if match := _FILL_EVERY.search(text) or _EVERY_FILL.search(text):
        named = match[2]
        every = 1 if not named else _EVERY_NUMBERS.get(named.casefold()) or _count(named)
        return BarPlace(_clean(match[0]), every=every, first_bar=every), _cut(
            text, match.start(1), match.end(1)
        )
    return _take_fill_in_bars(text)


def _take_fill_in_bars(text: str) -> tuple[BarPlace | None, str]:
    """A fill in bars that it is named with: `a fill in bar 4`, `fill in the last bar`."""
    for match in islice(_FILL_THERE.finditer(text), _MOST_FILLS):
        found = match_places(text[match.end(1) : match.end(1) + 80])[0]
        if found and found[0].start == 0 and not found[0].place.has_strokes:
            end = match.end(1) + found[0].end
            return found[0].place, _cut(text, match.start(1), end)
    return None, text


def _take_build(text: str) -> tuple[AskedBuild | None, str, str]:
    into: tuple[str, ...] = ()
    phrase = ""
    long = _LONG_BUILD.search(text)
    bars = _count(long[1] or long[2]) if long else 0
    if match := _BUILD_INTO.search(text):
        into, phrase = section_names(match[1]), _clean(match[0])
        # A length stays: it is that of the music where nothing else says one.
        text = _cut(text, _into_start(match), match.end(1))
    return (AskedBuild(bars, into) if bars or into else None), phrase, text


def _into_start(match: re.Match[str]) -> int:
    """Where `into the chorus` begins, after the length of a build."""
    length = re.match(
        rf"\s+(?:of|over|for|in|across)\s+(?:the\s+last\s+)?{_NUMBER}\s+{_BARS}", match[1], re.IGNORECASE
    )
    return match.start(1) + (length.end() if length else 0)


def _cut(text: str, start: int, end: int) -> str:
    return f"{text[:start]} {text[end:]}"


def _count(text: str) -> int:
    return max(_WORDS.get(text.casefold()) or int(text), 1)


def _clean(text: str) -> str:
    return " ".join(text.casefold().split())
