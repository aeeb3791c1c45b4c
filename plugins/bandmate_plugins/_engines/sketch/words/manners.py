"""Manners of playing in a prompt, and whom each of them is for: `strummed guitar`, `piano, staccato`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.manners import MannerEffect
from bandmate_plugins._engines.sketch.words.negation import FoundTerm
from bandmate_plugins._engines.sketch.words.percussion import PERCUSSION
from bandmate_plugins._engines.sketch.words.terms import fold_term


@dataclass(frozen=True, slots=True)
class AskedManner:
    """A manner that a prompt asks for."""

    name: str
    """As `library` has it."""
    on: str = ""
    """The instrument, or the kind of part, that is to be played like this; empty for all."""
    whole: bool = False
    """Whether the term itself says who plays: `drum fill`."""
    text: str = field(default="", compare=False)
    """As the result names it."""


def find_manners(terms: Sequence[FoundTerm]) -> list[AskedManner]:
    """The manners among the terms of a prompt; those that are negated mean their opposites."""
    found: dict[tuple[str, str], AskedManner] = {}
    near: dict[tuple[bool, bool], _NearPlayers] = {}
    for at, term in enumerate(terms):
        name = _opposite_manners().get(term.text) if term.negated else _manner_name(term)
        if name is not None:
            whole = not term.negated and " " in term.text
            effect = library.word_lists().manners[name]
            kinds = (effect.drums, effect.pitched)
            if kinds not in near:
                near[kinds] = _NearPlayers(terms, effect)
            player = near[kinds].player_near(at)
            text = f"no {term.text}" if term.negated else term.text
            asked = AskedManner(name, player, whole, text)
            found.setdefault((name, asked.on), asked)
    return list(found.values())


def manners_on(
    asked: Sequence[AskedManner], kind: str, sound: str = "", *, pitched: bool = True
) -> list[MannerEffect]:
    """The manners of a part of a kind, played by an instrument or a kit."""
    effects = [(one, library.word_lists().manners[one.name]) for one in asked]
    return [
        effect
        for one, effect in effects
        if one.on in ("", kind, sound)
        and (effect.pitched if pitched else effect.drums)
        and (not effect.kinds or kind in effect.kinds or one.on in (kind, sound))
    ]


def range_form(asked: Sequence[AskedManner]) -> str:
    """What the whole range is, if a manner says so: `intro`, `drop` or `outro`."""
    forms = (library.word_lists().manners[one.name].form for one in asked)
    return next((form for form in forms if form), "")


def _manner_name(term: FoundTerm) -> str | None:
    return term.meaning.name if term.meaning.kind == "manner" else None


@lru_cache(maxsize=1)
def _opposite_manners() -> dict[str, str]:
    """The manners that the negation of a term means."""
    manners = library.word_lists().manners
    return {fold_term(term): name for name, effect in manners.items() for term in effect.negated}


class _NearPlayers:
    """Who stands near each term, found in two passes, however long the prompt is."""

    def __init__(self, terms: Sequence[FoundTerm], effect: MannerEffect) -> None:
        names = [_player_name(term, effect) for term in terms]
        self._after = _nearest_in_group(names, [term.clause for term in terms], backwards=True)
        self._before = _nearest_in_group(names, [term.clause for term in terms])
        self._earlier = _nearest_in_group(names, [term.phrase for term in terms])

    def player_near(self, at: int) -> str:
        """Who stands next in the clause, else before in it, else before in the phrase; empty for nobody."""
        return self._after[at] or self._before[at] or self._earlier[at]


def _nearest_in_group(names: Sequence[str], groups: Sequence[int], *, backwards: bool = False) -> list[str]:
    """For each place, the last name in the same group before it; after it, if read backwards."""
    places = range(len(names))
    found, last = [""] * len(names), dict[int, str]()
    for at in reversed(places) if backwards else places:
        found[at] = last.get(groups[at], "")
        if names[at]:
            last[groups[at]] = names[at]
    return found


def _player_name(term: FoundTerm, effect: MannerEffect) -> str:
    kind, name = term.meaning.kind, term.meaning.name
    if term.negated:
        return ""
    if kind in ("drum", "kit") or (kind == "part" and name in ("drums", PERCUSSION)):
        return "drums" if effect.drums else ""
    known = kind == "instrument" or (kind == "part" and name in ("bass", "keys", "lead"))
    return name if known and effect.pitched else ""
