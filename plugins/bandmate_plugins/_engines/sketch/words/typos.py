"""Misspelled words: `drms`, `sxophone`, `electirc piano`.

A word is taken for another where it is a letter or two from exactly one word of the vocabulary, and no ordinary word
(library/ordinary_words.txt): `harm` is no `harp`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.negation import NEGATORS
from bandmate_plugins._engines.sketch.words.terms import Meaning, all_terms, fold_term

_SHORTEST = 4
"""Letters; shorter words are near to too many."""
_SHORTEST_CLIPPED = 3
"""Letters of words without a vowel, such as `rck`, which are no words of English."""
_VOWELS = frozenset("aeiouy")
_LONG = 8
"""From so many letters on, two may be wrong."""
_MAX_WORDS = 8
"""Words of a prompt that are looked at."""
_MAX_CANDIDATES = 4


def find_candidates(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The known words that each of some unknown ones is near to, folded; without those that have none."""
    found = {word: near_known_words(word) for word in words[:_MAX_WORDS] if not is_ordinary_word(word)}
    return {word: near for word, near in found.items() if near}


def near_known_words(word: str) -> tuple[str, ...]:
    """The known words that are nearest in spelling, at most `_MAX_CANDIDATES`; one of those that mean the same."""
    least = _SHORTEST if _VOWELS & set(word) else _SHORTEST_CLIPPED
    if len(word) < least or not word.isalpha():
        return ()
    most = 2 if len(word) >= _LONG else 1
    starts = {word[0], word[1]} if _swaps_start(word) else {word[0]}
    places = [
        (edits, known)
        for start in sorted(starts)
        for known in _known_words().get(start, ())
        if abs(len(known) - len(word)) <= most and (edits := count_edits(word, known)) <= most
    ]
    least = min((edits for edits, _ in places), default=0)
    nearest = [known for edits, known in places if edits == least]
    # `rck` is rock and not the first word of `rack tom`.
    nearest = [known for known in nearest if known in all_terms()] or nearest
    meanings: dict[object, str] = {}
    for known in nearest:
        meanings.setdefault(_meaning(known), known)
    return tuple(meanings.values())[:_MAX_CANDIDATES]


def replace_word(prompt: str, word: str, known: str) -> str:
    """A prompt with a known word in place of one that is spelled as `word`, folded."""
    return re.sub(
        r"[^\W_]+(?:['\u2019][^\W_]+)*",
        lambda match: known if fold_term(match[0]) == word else match[0],
        prompt,
    )


def count_edits(one: str, other: str) -> int:
    """Letters to add, leave out, change, or swap with the next: the optimal string alignment distance."""
    before, last = list[int](), list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]


def is_ordinary_word(word: str) -> bool:
    """Whether it is a word of English that is spelled like one of the vocabulary."""
    return word in _ordinary_words()


def _swaps_start(word: str) -> bool:
    return len(word) > 1 and word[0] != word[1]


def _meaning(known: str) -> Meaning | str:
    """What tells a word from others: terms of one meaning are one."""
    return all_terms().get(known, known)


@lru_cache(maxsize=1)
def _known_words() -> dict[str, tuple[str, ...]]:
    """All words of terms, and those between terms, by their first letters."""
    negators = [word for phrase in NEGATORS for word in phrase.split()]
    words = {word for term in all_terms() for word in term.split()}
    words |= {*negators, *library.word_lists().ignored}
    found: dict[str, list[str]] = {}
    for word in sorted(word for word in words if len(word) >= _SHORTEST and word.isalpha()):
        found.setdefault(word[0], []).append(word)
    return {start: tuple(group) for start, group in found.items()}


@lru_cache(maxsize=1)
def _ordinary_words() -> frozenset[str]:
    file = resources.files(library).joinpath("ordinary_words.txt")
    lines = file.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
