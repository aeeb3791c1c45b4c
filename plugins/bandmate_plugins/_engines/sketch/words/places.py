"""Where a prompt wants a drum, or another player: `on 2 and 4`, `on the offbeats`, `every other bar`, `from bar 5`.

A place applies to the player before it, and to those that `and` joins to that one; without one before it, or where
it stands like an adjective (`offbeat hats`), to the player after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlace
from bandmate_plugins._engines.sketch.words.negation import FoundTerm, find_terms
from bandmate_plugins._engines.sketch.words.percussion import PERCUSSION
from bandmate_plugins._engines.sketch.words.place_rules import match_places
from bandmate_plugins._engines.sketch.words.terms import Meaning, all_terms, split_words, term_length

_PLAYERS = frozenset({"drum", "instrument", "part"})
_JOINS = frozenset({"with", "plus", "and", "n", "featuring", "feat"})
_NOT = re.compile(r"\b(?:but\s+)?(?:not|never|except(?:\s+for)?|apart\s+from)\s*$", re.IGNORECASE)
"""A negation of the place itself: `drums, but not in bar 1`."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place in a prompt, with the drums, instruments and parts that it is for; none where it is for nobody."""

    place: BarPlace
    players: tuple[Meaning, ...]
    resting: tuple[FoundTerm, ...] = ()
    """Those that rest there, and play elsewhere: `without the kick in bar 1`."""


def read_place(text: str) -> BarPlace:
    """The place that a text is; raises ValueError where it is none."""
    found = match_places(text)[0]
    if not found:
        raise ValueError(f"no place: {text}")
    return found[0].place


def take_places(text: str) -> tuple[list[FoundPlace], str]:
    """The places of a prompt, and the prompt without them."""
    matches, rest = match_places(text)
    if not matches:
        return [], text
    found: list[FoundPlace] = []
    end = 0
    for number, one in enumerate(matches):
        after = rest[one.end : matches[number + 1].start if number + 1 < len(matches) else len(rest)]
        before = rest[end : one.start]
        if negation := _NOT.search(before):
            at = end + negation.start()
            rest = f"{rest[:at]}{' ' * (one.start - at)}{rest[one.start :]}"
            before = before[: negation.start()]
        players = _players_at(before, after, one.adjective, found)
        resting = _resting_terms(before, players, found, is_negated=negation is not None)
        place = one.place.as_rest() if resting else one.place
        found.append(FoundPlace(place, () if resting else players, resting))
        end = one.end
    return found, rest


def _resting_terms(
    before: str, players: tuple[Meaning, ...], found: list[FoundPlace], *, is_negated: bool
) -> tuple[FoundTerm, ...]:
    """The players of a place who rest there: they are ruled out just before it, or the place itself is."""
    terms = [term for term in find_terms(before) if isinstance(term, FoundTerm)]
    if not terms and found and found[-1].resting:
        return found[-1].resting
    return tuple(term for term in terms if term.meaning in players and (term.negated or is_negated))


def adds_drums_to_style(text: str, drums: Sequence[str], names_parts: bool) -> bool:
    """Whether a prompt wants a style's whole band, and some drums with it: `house with shaker`.

    `rock tambourine` and `rock, just a tambourine` are a tambourine alone; a kick that is four on the floor belongs
    to the style that is named with it.
    """
    style = joined = named = False
    words = split_words(text.casefold())
    if names_parts or not drums or {"just", "only"} & set(words):
        return False
    at = 0
    while at < len(words):
        length = term_length(words, at)
        meaning = all_terms()[" ".join(words[at : at + length])] if length else None
        if meaning and meaning.kind == "genre":
            style, joined = True, False
        elif style and not joined and meaning and (meaning.kind == "drum" or meaning.name == PERCUSSION):
            # `trap hi hats with rolls`: the style says how the drum is played.
            named = True
        elif meaning and joined and (meaning.kind == "drum" or meaning.name == PERCUSSION):
            return True
        elif words[at] in _JOINS and not length:
            joined = style and not named
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
