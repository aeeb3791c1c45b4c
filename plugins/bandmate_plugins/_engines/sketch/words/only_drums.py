"""Whether the kit is to be no more than the drums that a prompt names: `drums, but only hi-hat and snare`."""

from __future__ import annotations

import re

from bandmate_plugins._engines.sketch.words.terms import all_terms, split_words, term_length

_ONLY = frozenset({"only", "just"})
_ARTICLES = frozenset({"a", "an", "the"})
_BARS = frozenset({"bar", "bars", "measure", "measures"})
_ENDS = frozenset({"please", "thanks"})


def limits_kit(text: str) -> bool:
    """Whether drums stand after `only`, `just` or `nothing but`, or before `only` at the end of a phrase."""
    text = re.sub(r"\bnothing\s+(?:else\s+)?(?:but|except)\b", "only", text.casefold())
    return any(_limits(split_words(phrase)) for phrase in re.split(r"[,;:!?()\[\]\n]+|\.(?=\s|$)", text))


def _limits(words: list[str]) -> bool:
    return any(_stands_before_drum(words, at) or _stands_at_end(words, at) for at in range(len(words)))


def _stands_before_drum(words: list[str], at: int) -> bool:
    """`only` there, and not for some bars: `first 2 bars only hi-hat`."""
    if words[at] not in _ONLY or (at and words[at - 1] in _BARS):
        return False
    at += 1
    while at < len(words) and words[at] in _ARTICLES:
        at += 1
    return _is_drum(words, at)


def _stands_at_end(words: list[str], at: int) -> bool:
    if words[at] != "only" or set(words[at + 1 :]) - _ENDS:
        return False
    return any(_is_drum(words, start) and start + term_length(words, start) == at for start in range(at))


def _is_drum(words: list[str], at: int) -> bool:
    length = term_length(words, at)
    return bool(length) and all_terms()[" ".join(words[at : at + length])].kind == "drum"
