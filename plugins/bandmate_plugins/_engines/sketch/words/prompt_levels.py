"""The levels of a prompt: of all that play, or of single players relative to the others."""

from __future__ import annotations

from bandmate_plugins._engines.sketch.words.loudness import find_level_words, sum_levels
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.percussion import PERCUSSION, percussion_drums
from bandmate_plugins._engines.sketch.words.terms import Meaning


def take_levels(prompt: str, wish: ParsedPrompt) -> None:
    """Notes the words for levels, which may be moods too, as understood; of several players, each has its own."""
    found = find_level_words(prompt)
    named = {*wish.instruments, *wish.parts, *wish.drums, *(["drums"] if wish.kit else [])}
    if len(named) > 1 or (named and (wish.band or wish.ensemble)):
        asked = [(one, [name for name in _meant_names(one.player, wish) if name in named]) for one in found]
        for name in sorted(named):
            own = [one for one, names in asked if name in names]
            if own:
                wish.part_levels[name] = sum_levels(own)
        found = [one for one, names in asked if not names]
    wish.loudness = sum_levels(found)
    terms = [*wish.loudness.words, *(term for level in wish.part_levels.values() for term in level.words)]
    words = {word for term in terms for word in term.split()}
    wish.unknown = [word for word in wish.unknown if word not in words]
    wish.used += [term for term in dict.fromkeys(terms) if term not in wish.used]


def _meant_names(player: Meaning | None, wish: ParsedPrompt) -> tuple[str, ...]:
    """The names in `ParsedPrompt` that a player of the prompt has."""
    if player is None:
        return ()
    if player.kind == "kit":
        return ("drums",)
    if player == Meaning("part", PERCUSSION):
        return percussion_drums(wish.genre)
    return (wish.fitted.get(player.name, player.name),)
