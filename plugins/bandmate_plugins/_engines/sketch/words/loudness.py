"""Words that say how loud a part is beside the other audio: `soft`, `far in the background`, `in front`.

Where a prompt names several players, a word is for the one that it stands with (`piano in the background, guitar in
front`), relative to the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bandmate_plugins._engines.sketch.words.terms import Meaning, all_terms, split_words, term_length

_FAR_LU, _SOFT_LU, _LOUD_LU = -6.0, -3.0, 3.0
_MAX_LU = 9.0
_TERMS = (
    (
        _FAR_LU,
        r"(?:far|way|deep) (?:in|into) the (?:background|back|distance)|far (?:away|back)|barely audible",
    ),
    (_FAR_LU, r"very (?:soft|softly|quiet|quietly)"),
    (_SOFT_LU, r"(?:in|into) the (?:background|back|distance)|background|distant"),
    (_SOFT_LU, r"softly|softer|soft|quietly|quieter|quiet|subtle|low in the mix"),
    (2 * _LOUD_LU, r"very loud|as loud as possible"),
    (_LOUD_LU, r"(?:in|at|to) the (?:front|foreground)|in front|up ?front|foreground|high in the mix"),
    (_LOUD_LU, r"louder|loudly|loud|solo|prominent|featured"),
)
_NOT_LEVELS = re.compile(
    r"\b(?:background|backing) (?:vocals?|singers?|music)\b|\bsolo (?:piano|voice|vocals?)\b"
)
"""Where the words mean something else."""
_WORD = re.compile(
    r"(?P<negation>\b(?:not|no|without|never)(?: (?:too|so|very|that|a))? )?\b(?:"
    + "|".join(f"(?P<t{number}>{words})" for number, (_, words) in enumerate(_TERMS))
    + r")\b"
)


_CLAUSE_END = re.compile(r"[,;:!?()]|\.(?=\s|$)|&|\b(?:and|with|but|plus|while|over|under|then)\b")
_PLAYER_KINDS = frozenset({"instrument", "part", "drum", "kit"})


@dataclass(frozen=True)
class LoudnessWish:
    """What a prompt says of the level."""

    level_lu: float = 0.0
    """LU relative to the usual level of the part."""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelWord:
    """A word for a level, and the player that it stands with, if it stands with one."""

    level_lu: float
    text: str
    player: Meaning | None


def read_loudness(prompt: str) -> LoudnessWish:
    """The level that a prompt asks for; each kind of word counts once, and a negation turns it round."""
    return sum_levels(find_level_words(prompt))


def sum_levels(words: list[LevelWord]) -> LoudnessWish:
    """The level of some words together."""
    found: dict[float, str] = {}
    for word in words:
        found.setdefault(word.level_lu, word.text)
    level = min(max(sum(found), -_MAX_LU), _MAX_LU)
    return LoudnessWish(level, tuple(found.values()))


def find_level_words(prompt: str) -> list[LevelWord]:
    """All words for levels in a prompt, in order."""
    text = _NOT_LEVELS.sub(" ", re.sub(r"[-_\s]+", " ", prompt.casefold()))
    found = []
    for match in _WORD.finditer(text):
        number = next(at for at in range(len(_TERMS)) if match[f"t{at}"] is not None)
        level = _TERMS[number][0] * (-1 if match["negation"] else 1)
        found.append(LevelWord(level, match[0], _player_near(text, match)))
    return found


def _player_near(text: str, match: re.Match[str]) -> Meaning | None:
    """The player of a word's clause: `in front` is for the one before it, `soft` for the one after it."""
    bounds = [0, *(end for found in _CLAUSE_END.finditer(text) for end in found.span()), len(text)]
    before = text[max(at for at in bounds if at <= match.start()) : match.start()]
    after = text[match.end() : min(at for at in bounds if at >= match.end())]
    earlier, later = list(_players(before)), list(_players(after))
    follows = match[0].startswith(("in", "at", "to", "far", "way", "deep", "up", "high", "low", "solo"))
    choices = [earlier[-1:], later[:1]] if follows else [later[:1], earlier[-1:]]
    return next((one for players in choices for one in players), None)


def _players(text: str) -> Iterator[Meaning]:
    words, at = split_words(text), 0
    while at < len(words):
        length = term_length(words, at)
        if length:
            meaning = all_terms()[" ".join(words[at : at + length])]
            if meaning.kind in _PLAYER_KINDS and meaning.name != "band":
                yield meaning
        at += max(length, 1)
