"""Phrases that mean something else than their words: room for a soloist, and registers such as `high strings`."""

from __future__ import annotations

import re

from bandmate_plugins._engines.sketch.words.terms import all_terms, split_words, term_length

_PLAYS = (
    r"(?:solo(?:ing)?|improvis(?:e|ing)|jam(?:ming)?|rap(?:ping)?|sing(?:ing)?|play(?:ing)?\s+(?:over|along))"
)
_ROOM = re.compile(
    r"\b(?:(?:so|that|where|which)\s+){0,2}(?:for\s+)?(?:i|me|we|us|you)\s+(?:can|could|will|want\s+to|to)\s+"
    rf"{_PLAYS}(?:\s+(?:over|along|on|to|with)\b)?(?:\s+(?:it|this|that)\b)?"
    rf"|\b(?:to|for)\s+{_PLAYS}(?:\s+(?:over|along)\b(?:\s+(?:it|this|that)\b)?)?(?=\s*(?:$|[,;.!?]|\b(?:in|at|with)\b))",
    re.IGNORECASE,
)
_REGISTER = re.compile(r"(?<![\w-])(high|low)\s+(?=[^\W\d_])", re.IGNORECASE)
_PLACES = {"high": "high register", "low": "low register"}
_MOST_WORDS = 6


def leave_room(text: str) -> str:
    """A prompt that leaves the lead to the musician where it says so: `a blues so I can solo`."""
    return _ROOM.sub(" , without lead , ", text)


def name_registers(text: str) -> str:
    """A prompt with the register of instruments written out: `high strings`, but not `high hat` or `high energy`."""
    made, end = "", 0
    for match in _REGISTER.finditer(text):
        words = split_words(re.split(r"[,;:.!?()|]", text[match.end() :], maxsplit=1)[0])[:_MOST_WORDS]
        length = term_length(words, 0)
        own = term_length([match[1].casefold(), *words], 0) > 1
        if own or not length or all_terms()[" ".join(words[:length])].kind != "instrument":
            continue
        made += text[end : match.start()] + _PLACES[match[1].casefold()] + " "
        end = match.end()
    return made + text[end:]
