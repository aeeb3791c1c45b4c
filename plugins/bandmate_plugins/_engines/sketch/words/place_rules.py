"""The phrases that name places in bars: `on 2 and 4`, `every other bar`, `from bar 5`, `in the last bar`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bandmate_plugins._engines.sketch.theory.bar_places import BarPlace
from bandmate_plugins._engines.sketch.words.section_phrases import SECTION, SECTIONS, THE, section_names

_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
} | {"other": 2, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "eighth": 8, "8th": 8}
_ORDINALS = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "last": -1,
}
_NUMBER = r"(?:\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_BEAT = (
    r"(?:(?:the\s+)?(?:and|&)\s+of\s+)?(?:the\s+)?(?:\d{1,2}|one|two|three|four|five|six|seven|eight)"
    r"(?![\w/%#]|[.:-]\d)"
)
_AND = r"\s*(?:,\s*and\b|,|&|\+|\band\b)\s*(?:on\s+)?(?:beats?\s+)?"
_BARS = r"(?:bars?|measures?)"
_NOT_A_COUNT = r"(?!\s*(?:bars?|measures?|beats?|seconds?|secs?|minutes?|mins?|bpm)\b)"
_NOT_A_MACHINE = r"(?!(?:[67]0[67]|808|909)\b)"
"""A list of bars ends before a drum computer: `in bars 1-4, 808 bass`."""
_RANGE = rf"{_NUMBER}(?:\s*(?:-|\u2013|\bto\b|\bthrough\b)\s*{_NUMBER})?"
_MOST_BARS = 512
"""How many single bars one place lists."""

_Make = Callable[[re.Match[str]], BarPlace]


@dataclass(frozen=True, slots=True)
class PlacePhrase:
    """A place, and where in a text it is named."""

    start: int
    end: int
    place: BarPlace
    adjective: bool = False
    """Whether it can come before its drum: `offbeat hats`."""


def match_places(text: str) -> tuple[list[PlacePhrase], str]:
    """All places in order, and the text with blanks in their stead."""
    found: list[PlacePhrase] = []
    for pattern, make, adjective in _RULES:
        for match in pattern.finditer(text):
            place = make(match)
            bare = not match[0].casefold().lstrip().startswith(("on ", "in ", "from ", "every ", "each "))
            found.append(PlacePhrase(match.start(), match.end(), place, adjective and bare))
            text = f"{text[: match.start()]}{' ' * len(match[0])}{text[match.end() :]}"
    return sorted(found, key=lambda one: one.start), text


def _number(text: str) -> int:
    return _NUMBERS.get(text.casefold()) or int(text)


def _clean(match: re.Match[str]) -> str:
    return " ".join(match[0].casefold().split())


def _on_beats(match: re.Match[str]) -> BarPlace:
    beats = []
    for half, number in re.findall(
        r"((?:and|&)\s+of\s+(?:the\s+)?)?(\d{1,2}|one|two|three|four|five|six|seven|eight)\b",
        match[0], re.IGNORECASE,
    ):  # fmt: skip
        beats.append(_number(number) + (0.5 if half else 0.0))
    return BarPlace(_clean(match), beats=tuple(sorted(set(beats))))


def _on_ordinal_beats(match: re.Match[str]) -> BarPlace:
    """`on the last beat`, `on the first and third beats`, `on the last two beats`."""
    if match[2]:
        return BarPlace(_clean(match), beats=tuple(float(-beat) for beat in range(_number(match[2]), 0, -1)))
    named = re.findall(r"\b(?:" + "|".join(_ORDINALS) + r")\b", match[1].casefold())
    return BarPlace(_clean(match), beats=tuple(float(_ORDINALS[word]) for word in dict.fromkeys(named)))


def _divide(division: str) -> _Make:
    return lambda match: BarPlace(_clean(match), division=division)


def _every_bars(match: re.Match[str]) -> BarPlace:
    return BarPlace(_clean(match), every=_number(match[1]) if match[1] else 1)


def _from_bar(match: re.Match[str]) -> BarPlace:
    return BarPlace(
        _clean(match), first_bar=max(_number(match[1]), 1), last_bar=_number(match[2]) if match[2] else 0
    )


def _after_bar(match: re.Match[str]) -> BarPlace:
    return BarPlace(_clean(match), first_bar=_number(match[1] or match[2]) + 1)


def _until_bar(match: re.Match[str]) -> BarPlace:
    return BarPlace(_clean(match), last_bar=_number(match[1]), is_until=True)


def _in_bars(match: re.Match[str]) -> BarPlace:
    """One bar, bars from one to another, or a list of them: `in bars 1, 3 and 5-6`."""
    spans: list[tuple[int, int]] = []
    numbers = re.split(_BARS, match[0], maxsplit=1, flags=re.IGNORECASE)[-1]
    for one in re.finditer(_RANGE, numbers, re.IGNORECASE):
        first, *last = (_number(number) for number in re.findall(_NUMBER, one[0], re.IGNORECASE))
        spans.append((max(first, 1), last[0] if last else max(first, 1)))
    if len(spans) == 1:
        return BarPlace(_clean(match), first_bar=spans[0][0], last_bar=spans[0][1])
    bars = sorted({bar for first, last in spans for bar in range(first, min(last, first + _MOST_BARS) + 1)})
    return BarPlace(_clean(match), bars=tuple(bars[:_MOST_BARS]))


def _in_end_bars(match: re.Match[str]) -> BarPlace:
    """`in the first 4 bars`, `in the last bar`."""
    count = _number(match[2]) if match[2] else 1
    if match[1].casefold() == "first":
        return BarPlace(_clean(match), last_bar=count)
    return BarPlace(_clean(match), last_bars=count)


def _in_sections(match: re.Match[str]) -> BarPlace:
    return BarPlace(_clean(match), sections=section_names(match[1] or match[2]))


def _from_section(match: re.Match[str]) -> BarPlace:
    return BarPlace(_clean(match), sections=section_names(match[1])[:1], sections_reach="from")


def _until_section(match: re.Match[str]) -> BarPlace:
    return BarPlace(_clean(match), sections=section_names(match[1])[:1], sections_reach="until")


def _rule(pattern: str, make: _Make, *, adjective: bool = False) -> tuple[re.Pattern[str], _Make, bool]:
    return re.compile(pattern, re.IGNORECASE), make, adjective


_ON = r"(?:\b(?:on|in|as|at)\s+)?"
_EACH = r"(?:\b(?:every|each|all|the|straight)\s+(?:the\s+)?)?"
_ENTERS = r"(?:start(?:ing|s)?|begin(?:ning|s)?|enter(?:ing|s)?|com(?:ing|es)\s+in)"
_NOTES = r"(?:[\s-]?notes?)?"
_WORD = r"(?:other|second|2nd|third|3rd|fourth|4th|eighth|8th|" + _NUMBER[3:]
_ORDINAL = r"(?:first|1st|second|2nd|third|3rd|fourth|4th|last)"
_RULES = (
    _rule(
        rf"(?:\b{_ENTERS}\s+(?:from|at|in|on|with)|\bfrom)\s+({THE}?{SECTION})(?:\s+on(?:wards)?\b)?",
        _from_section,
    ),
    _rule(rf"\b(?:until|till|up\s+to|before)\s+({THE}{SECTION})", _until_section),
    _rule(
        rf"\b(?:(?:only|just)\s+)?(?:in|during|throughout)\s+(?:only\s+)?({SECTIONS})(?:\s+only\b)?"
        rf"|\b(?:(?:only|just)\s+)?(?:on|over)\s+(?={THE})({SECTIONS})",
        _in_sections,
    ),
    _rule(rf"{_ON}\b(?:every|each)\s+(?:({_WORD})\s+)?{_BARS}\b", _every_bars),
    _rule(
        rf"(?:\b{_ENTERS}\s+(?:from|at|in|on|with)|\bfrom)\s+(?:the\s+)?{_BARS}\s+({_NUMBER})\b"
        rf"(?:\s+on(?:wards?)?\b(?!\s+\d))?(?:\s+(?:to|until|till|through)\s+(?:{_BARS}\s+)?({_NUMBER})\b)?",
        _from_bar,
    ),
    _rule(rf"\bafter\s+(?:{_BARS}\s+({_NUMBER})\b|({_NUMBER})\s+{_BARS}\b)", _after_bar),
    _rule(rf"\b(?:until|till|up\s+to|to)\s+{_BARS}\s+({_NUMBER})\b", _until_bar),
    _rule(
        rf"\b(?:in|on|for|at|of|during)\s+{_BARS}\s+{_RANGE}\b"
        rf"(?:\s*(?:,\s*and\b|,|&|\+|\band\b|\bor\b)\s*(?:(?:in|on|of)\s+)?(?:{_BARS}\s+)?{_NOT_A_MACHINE}{_RANGE}\b"
        rf"{_NOT_A_COUNT})*",
        _in_bars,
    ),
    _rule(
        rf"\b(?:in|on|for|of|during|over)\s+the\s+(first|last|final)\s+(?:({_NUMBER})\s+)?{_BARS}\b",
        _in_end_bars,
    ),
    _rule(
        rf"\bon\s+(?:(?:the|its|each|every)\s+)?"
        rf"(?:({_ORDINAL}(?:\s*(?:,\s*and\b|,|&|\band\b)\s*(?:the\s+)?{_ORDINAL})*)|(?:the\s+)?last\s+({_NUMBER}))"
        rf"\s+beats?\b(?:\s+(?:of|in)\s+(?:the|each|every|a)\s+{_BARS}\b)?",
        _on_ordinal_beats,
    ),
    _rule(
        rf"{_ON}\b(?:every|each)\s+(?:other|second|2nd)\s+beat\b|{_ON}{_EACH}\bhalf[\s-]notes?\b",
        _divide("halves"),
        adjective=True,
    ),
    _rule(
        rf"{_ON}{_EACH}\b(?:(?:eighth|8th)[\s-](?:notes?[\s-])?)?triplets?\b(?!\s+feel)",
        _divide("triplets"),
        adjective=True,
    ),
    _rule(
        rf"{_ON}{_EACH}\b(?:32nds?|thirty[\s-]seconds?|1/32(?:nd)?s?){_NOTES}\b",
        _divide("thirty-seconds"),
        adjective=True,
    ),
    _rule(
        rf"{_ON}{_EACH}\b(?:16ths?|sixteenths?|1/16(?:th)?s?){_NOTES}\b",
        _divide("sixteenths"),
        adjective=True,
    ),
    _rule(rf"{_ON}{_EACH}\b(?:8ths?|eighths?|1/8(?:th)?s?){_NOTES}\b", _divide("eighths"), adjective=True),
    _rule(rf"{_ON}{_EACH}\bback[\s-]?beats?\b", _divide("backbeats"), adjective=True),
    _rule(
        rf"{_ON}{_EACH}\boff[\s-]?beats?\b|\bon\s+(?:the\s+|all\s+(?:the\s+)?)?(?:up[\s-]?beats|ands)\b",
        _divide("offbeats"),
        adjective=True,
    ),
    _rule(
        rf"{_ON}\b(?:every|each|all(?:\s+the)?)\s+(?:single\s+)?(?:beats?|quarters?|4ths?|1/4){_NOTES}\b"
        rf"|\bon\s+(?:the\s+)?beats?\b(?!\s+(?:the\s+)?{_NUMBER})|{_ON}\bquarters?[\s-]notes?\b",
        _divide("beats"),
        adjective=True,
    ),
    _rule(
        r"\bon\s+(?:the\s+|every\s+|each\s+)?down[\s-]?beats?\b",
        lambda match: BarPlace(_clean(match), beats=(1.0,)),
    ),
    _rule(rf"\bon\s+(?:beats?\s+)?{_BEAT}(?:{_AND}{_BEAT})*{_NOT_A_COUNT}", _on_beats),
    _rule(r"(?<![\w./])[1-8](?:\s*(?:&|\+|and)\s*[1-8])+\b(?=\s*(?:$|[,;.!]|beats?\b))", _on_beats),
)
