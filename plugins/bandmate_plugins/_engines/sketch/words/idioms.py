"""Words that name a player only in a musical context: `ride into the sunset` has no cymbal, and a title no band."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.terms import split_words, term_length
from bandmate_plugins._theory.section_names import is_usual_section

_VERBS = frozenset({"ride", "kick", "crash", "lead", "drop", "march", "swing", "rock", "whistle", "drum"})
"""Terms that are verbs before an object or a direction that is no place in the music."""
_OBJECTS = frozenset(
    {
        "me", "you", "him", "her", "us", "them", "it", "your", "my", "our", "his", "their", "this", "that", "away",
        "off", "home", "into", "toward", "towards", "past", "up",
    }
)  # fmt: skip
_ARTICLES = frozenset({"a", "an", "the"})
_QUOTES = re.compile(r"[\"\u201c\u201d\u201e]([^\"\u201c\u201d\u201e\n]{1,80})[\"\u201c\u201d]")
_SECTION_BEFORE = re.compile(r"\b(?:sections?|parts?|regions?)\s*$", re.IGNORECASE)
_NAMED_BEFORE = re.compile(r"\b(?:called|titled|entitled|named)\s*$", re.IGNORECASE)


def take_titles(text: str) -> tuple[list[str], str]:
    """The titles in quotation marks, such as `a song called "Ride on"`, and the text without them.

    Quoted words of which all are known are none, and neither is a prompt that is quoted as a whole.
    """
    titles: list[str] = []
    for match in list(_QUOTES.finditer(text)):
        before = text[: match.start()]
        if _SECTION_BEFORE.search(before) or not split_words(_QUOTES.sub("", text)):
            continue
        if _NAMED_BEFORE.search(before) or _has_unknown_word(match[1]):
            titles.append(" ".join(split_words(match[1])))
            named = _NAMED_BEFORE.search(text[: text.index(match[0])])
            text = text.replace(f"{named[0] if named else ''}{match[0]}", " ", 1)
    return titles, text


def idiom_length(words: Sequence[str], at: int) -> int:
    """How many of the words from there on are one idiom, in which no word names a player; 0 where none begins."""
    idioms = library.word_lists().idioms
    most = min(max(len(idiom.split()) for idiom in idioms), len(words) - at)
    known = next((n for n in range(most, 1, -1) if " ".join(words[at : at + n]) in idioms), 0)
    return known or _verb_length(words, at)


def _verb_length(words: Sequence[str], at: int) -> int:
    """Two words where a verb has an object or a direction, unless what follows is of music: `crash into the chorus`."""
    if words[at] not in _VERBS or words[at + 1 : at + 2] == [] or words[at + 1] not in _OBJECTS:
        return 0
    after = at + 2
    while after < len(words) and words[after] in _ARTICLES:
        after += 1
    if after < len(words) and (term_length(words, after) or is_usual_section(words[after])):
        return 0
    return 2


def _has_unknown_word(text: str) -> bool:
    words, at = split_words(text), 0
    ignored = library.word_lists().ignored
    while at < len(words):
        length = term_length(words, at)
        if not length and words[at] not in ignored:
            return len(words) > 1
        at += max(length, 1)
    return False
