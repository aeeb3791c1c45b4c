"""Where a prompt wants a drum, or another player: `on 2 and 4`, `on the offbeats`, `every other bar`, `from bar 5`.

A place applies to the player before it, and to those that `and` joins to that one; without one before it, or where
it stands like an adjective (`offbeat hats`), to the player after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlace
from bandmate_plugins._engines.sketch.words.terms import Meaning, all_terms, split_words, term_length

_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
} | {"other": 2, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "eighth": 8, "8th": 8}
_NUMBER = r"(?:\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_BEAT = (
    r"(?:(?:the\s+)?(?:and|&)\s+of\s+)?(?:the\s+)?(?:\d{1,2}|one|two|three|four|five|six|seven|eight)"
    r"(?![\w/%#]|[.:-]\d)"
)
_AND = r"\s*(?:,\s*and\b|,|&|\+|\band\b)\s*(?:on\s+)?(?:beats?\s+)?"
_BARS = r"(?:bars?|measures?)"
_NOT_A_COUNT = r"(?!\s*(?:bars?|measures?|beats?|seconds?|secs?|minutes?|mins?|bpm)\b)"

_PLAYERS = frozenset({"drum", "instrument", "part"})
_JOINS = frozenset({"with", "plus", "and", "n", "featuring", "feat"})

_Make = Callable[[re.Match[str]], BarPlace]


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place in a prompt, with the drums, instruments and parts that it is for; none where it is for nobody."""

    place: BarPlace
    players: tuple[Meaning, ...]


def read_place(text: str) -> BarPlace:
    """The place that a text is; raises ValueError where it is none."""
    found = _match_places(text)[0]
    if not found:
        raise ValueError(f"no place: {text}")
    return found[0].place


def take_places(text: str) -> tuple[list[FoundPlace], str]:
    """The places of a prompt, and the prompt without them."""
    matches, rest = _match_places(text)
    if not matches:
        return [], text
    found: list[FoundPlace] = []
    end = 0
    for number, one in enumerate(matches):
        after = rest[one.end : matches[number + 1].start if number + 1 < len(matches) else len(rest)]
        before = rest[end : one.start]
        found.append(FoundPlace(one.place, _players_at(before, after, one.adjective, found)))
        end = one.end
    return found, rest


def adds_drums_to_style(text: str, drums: Sequence[str], names_parts: bool) -> bool:
    """Whether a prompt wants a style's whole band, and some drums with it: `house with shaker`.

    `rock tambourine` and `rock, just a tambourine` are a tambourine alone; a kick that is four on the floor belongs
    to the style that is named with it.
    """
    style = joined = False
    words = split_words(text.casefold())
    if names_parts or not drums or {"just", "only"} & set(words):
        return False
    at = 0
    while at < len(words):
        length = term_length(words, at)
        kind = all_terms()[" ".join(words[at : at + length])].kind if length else ""
        if kind == "genre":
            style, joined = True, False
        elif kind == "drum" and joined:
            return True
        elif words[at] in _JOINS and not length:
            joined = style
        at += max(length, 1)
    return style and any(library.single_drums()[name].place for name in drums)


def _players_at(before: str, after: str, adjective: bool, found: list[FoundPlace]) -> tuple[Meaning, ...]:
    following = _first_player(after)
    if adjective and following and _begins_with_player(after):
        return following
    if players := _last_players(before):
        return players
    if found and not _has_terms(before):
        return found[-1].players
    return following


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    place: BarPlace
    adjective: bool
    """Whether it can stand before its drum: `offbeat hats`."""


def _match_places(text: str) -> tuple[list[_Match], str]:
    """All places by where they stand, and the text with blanks in their stead."""
    found: list[_Match] = []
    for pattern, make, adjective in _RULES:
        for match in pattern.finditer(text):
            place = make(match)
            bare = not match[0].casefold().lstrip().startswith(("on ", "in ", "from ", "every ", "each "))
            found.append(_Match(match.start(), match.end(), place, adjective and bare))
            text = f"{text[: match.start()]}{' ' * len(match[0])}{text[match.end() :]}"
    return sorted(found, key=lambda one: one.start), text


def _phrases(text: str) -> list[list[str]]:
    return [split_words(phrase) for phrase in re.split(r"[,;:.!?()|]+", text.casefold())]


def _players_in(words: list[str]) -> Iterator[tuple[int, int, Meaning]]:
    """Where drums, instruments and parts stand in a phrase: from and to which word, and which they are."""
    at = 0
    while at < len(words):
        length = term_length(words, at)
        if length and (meaning := all_terms()[" ".join(words[at : at + length])]).kind in _PLAYERS:
            yield at, at + length, meaning
        at += max(length, 1)


def _last_players(text: str) -> tuple[Meaning, ...]:
    """The last player of a text, and those that `and` joins to it, less drums that have a place of their own."""
    for words in reversed(_phrases(text)):
        players = list(_players_in(words))
        if not players:
            if any(term_length(words, at) for at in range(len(words))):
                return ()
            continue
        group = [players[-1]]
        for one in reversed(players[:-1]):
            between = words[one[1] : group[-1][0]]
            if (
                not between
                or set(between) - {"and", "n", "a", "the", "some"}
                or not set(between) & {"and", "n"}
            ):
                break
            group.append(one)
        return tuple(one for _, _, one in reversed(group) if not _has_own_place(one))
    return ()


def _has_own_place(player: Meaning) -> bool:
    return player.kind == "drum" and bool(library.single_drums()[player.name].place)


def _first_player(text: str) -> tuple[Meaning, ...]:
    for words in _phrases(text):
        for _, _, player in _players_in(words):
            return (player,)
    return ()


def _begins_with_player(text: str) -> bool:
    words = split_words(text.casefold().split(",")[0])
    players = list(_players_in(words))
    return bool(players) and not any(word in ("and", "n", "with") for word in words[: players[0][0]])


def _has_terms(text: str) -> bool:
    return any(term_length(words, at) for words in _phrases(text) for at in range(len(words)))


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
    return BarPlace(_clean(match), last_bar=_number(match[1]))


def _in_bars(match: re.Match[str]) -> BarPlace:
    first = max(_number(match[1]), 1)
    return BarPlace(_clean(match), first_bar=first, last_bar=_number(match[2]) if match[2] else first)


def _rule(pattern: str, make: _Make, *, adjective: bool = False) -> tuple[re.Pattern[str], _Make, bool]:
    return re.compile(pattern, re.IGNORECASE), make, adjective


_ON = r"(?:\b(?:on|in|as|at)\s+)?"
_EACH = r"(?:\b(?:every|each|all|the|straight)\s+(?:the\s+)?)?"
_ENTERS = r"(?:start(?:ing|s)?|begin(?:ning|s)?|enter(?:ing|s)?|com(?:ing|es)\s+in)"
_NOTES = r"(?:[\s-]?notes?)?"
_WORD = r"(?:other|second|2nd|third|3rd|fourth|4th|eighth|8th|" + _NUMBER[3:]
_RULES = (
    _rule(rf"{_ON}\b(?:every|each)\s+(?:({_WORD})\s+)?{_BARS}\b", _every_bars),
    _rule(
        rf"(?:\b{_ENTERS}\s+(?:from|at|in|on|with)|\bfrom)\s+(?:the\s+)?{_BARS}\s+({_NUMBER})\b"
        rf"(?:\s+on(?:wards?)?\b(?!\s+\d))?(?:\s+(?:to|until|till|through)\s+(?:{_BARS}\s+)?({_NUMBER})\b)?",
        _from_bar,
    ),
    _rule(rf"\bafter\s+(?:{_BARS}\s+({_NUMBER})\b|({_NUMBER})\s+{_BARS}\b)", _after_bar),
    _rule(rf"\b(?:until|till|up\s+to|to)\s+{_BARS}\s+({_NUMBER})\b", _until_bar),
    _rule(
        rf"\b(?:in|on|for|at)\s+{_BARS}\s+({_NUMBER})\b(?:\s*(?:-|\u2013|to|through)\s*({_NUMBER})\b)?",
        _in_bars,
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
