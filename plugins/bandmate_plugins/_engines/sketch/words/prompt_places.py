"""Puts the players of a prompt where it wants them, and those of `percussion` in their places."""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlace
from bandmate_plugins._engines.sketch.words.negation import FoundTerm
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt, PlayerRest, is_unwanted_drum
from bandmate_plugins._engines.sketch.words.percussion import PERCUSSION, percussion_drums
from bandmate_plugins._engines.sketch.words.places import FoundPlace
from bandmate_plugins._engines.sketch.words.terms import Meaning


def place_players(places: Sequence[FoundPlace], wish: ParsedPrompt) -> None:
    """Notes where the players of a prompt play and rest; places that nobody is for are unknown."""
    for found in places:
        for term in found.resting:
            wish.rests.append(PlayerRest(_resting_players(term), found.place))
            wish.used.append(f"no {term.text} {found.place.text}")
        if found.resting:
            continue
        if found.place.sections and not found.players:
            wish.everywhere.append(found.place)
            wish.used.append(found.place.text)
            continue
        players = [each for one in found.players for each in _percussion_players(one, wish)]
        placed = [one for one in players if _can_be_placed(one, found.place, wish)]
        (wish.used if placed else wish.unknown).append(found.place.text)
        for one in placed:
            table = wish.places if one.kind == "drum" else wish.part_bars
            before = table.get(one.name)
            table[one.name] = before.joined_with(found.place) if before else found.place


def _resting_players(term: FoundTerm) -> frozenset[str]:
    """The instruments, kinds of parts, or drums of a kit that a term rules out."""
    kind, name = term.meaning.kind, term.meaning.name
    if kind == "drum":
        return frozenset(library.single_drums()[name].ruled_out)
    return frozenset(family_of(term.text) or (name,)) if kind == "instrument" else frozenset((name,))


def _percussion_players(player: Meaning, wish: ParsedPrompt) -> list[Meaning]:
    """A player, or all drums that are the percussion."""
    if player != Meaning("part", PERCUSSION):
        return [player]
    return [Meaning("drum", name) for name in percussion_drums(wish.genre)]


def name_percussion(wish: ParsedPrompt) -> None:
    """Asks for the drums that `percussion` is."""
    if PERCUSSION in wish.parts:
        wish.parts.remove(PERCUSSION)
        drums = [name for name in percussion_drums(wish.genre) if name not in wish.drums]
        wish.drums += [name for name in drums if not is_unwanted_drum(name, wish)]


def _can_be_placed(player: Meaning, place: BarPlace, wish: ParsedPrompt) -> bool:
    """Drums are placed in bars and beats, other players in bars only."""
    if player.kind == "drum":
        return player.name in wish.drums
    named = player.name in wish.instruments or player.name in wish.parts or player.name == "drums"
    return named and not place.has_strokes


def family_of(text: str) -> tuple[str, ...]:
    """The instruments of a family: `guitar` or `guitars` is all of them; empty for a word that names none."""
    families = library.word_lists().families
    return families.get(text) or families.get(text.removesuffix("s")) or ()
