"""Finds words of the vocabulary: the same, parts of longer ones, and those that are spelled alike."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.terms import (
    Meaning,
    all_terms,
    fold_term,
    split_words,
    stand_in_terms,
)

_ALIKE = 0.74
"""From this ratio of difflib on two words are spelled alike."""
_MIN_PART = 3
"""Letters from which on a part of a word is looked for."""


_PROPER = frozenset({"French", "English"})
"""First words of titles that keep their capital inside a sentence."""


@dataclass(frozen=True, slots=True)
class FoundWord:
    """A term that a search found."""

    term: str
    meaning: Meaning

    @property
    def played_by(self) -> str:
        """What it stands for, as a musician would say it."""
        kind, name = self.meaning.kind, self.meaning.name
        if self.term in stand_in_terms():
            near = (
                f"by the {instrument_phrase(name)}"
                if kind == "instrument"
                else f"as {library.genres()[name].title}"
            )
            return f"played {near}"
        if kind == "instrument":
            return library.instruments()[name].title
        if kind == "genre":
            return library.genres()[name].title
        if kind == "kit":
            return library.kits()[name].title
        if kind == "drum":
            return library.single_drums()[name].title
        return name.replace("_", " ")


def instrument_phrase(name: str) -> str:
    """The title of an instrument as it is written inside a sentence."""
    title = library.instruments()[name].title
    first = title.split()[0]
    return title if first in _PROPER or first[1:2].isupper() else title[0].lower() + title[1:]


def search_words(text: str, most: int = 12) -> list[FoundWord]:
    """The terms nearest to a text: first itself, then those that contain it, then those spelled alike."""
    wanted, terms = fold_term(text), all_terms()
    if not wanted:
        return []
    alike = difflib.SequenceMatcher()
    alike.set_seq2(wanted)  # what difflib prepares of it serves all terms
    places = {term: rank for term in terms if (rank := _rank_term(term, wanted, alike)) is not None}
    ordered = sorted(places, key=lambda term: (places[term], len(term), term))
    ordered = [term for term in ordered if not (term.endswith("s") and term[:-1] in places)]
    return [FoundWord(term, terms[term]) for term in ordered[:most]]


def nearest_words(prompt: str, most: int = 6) -> list[str]:
    """Terms that are near to any word of a prompt, the nearest first."""
    found = [one for word in split_words(prompt)[:16] for one in search_words(word, 4)]
    return list(dict.fromkeys(one.term for one in found))[:most]


def _rank_term(term: str, wanted: str, alike: difflib.SequenceMatcher[str]) -> float | None:
    """How far a term is from a text, or None for one that has nothing to do with it; `alike` holds the text."""
    if term == wanted:
        return 0.0
    words = term.split()
    if f" {wanted} " in f" {term} " or (len(wanted.split()) > 1 and f" {term} " in f" {wanted} "):
        return 1.0
    if len(wanted) >= _MIN_PART and any(word.startswith(wanted) for word in words):
        return 2.0
    ratio = max(_likeness(word, alike) for word in [*words, term])
    return 4.0 - ratio if ratio >= _ALIKE else None


def _likeness(word: str, alike: difflib.SequenceMatcher[str]) -> float:
    """The ratio of difflib, or 0 where its upper bounds, which cost little, are too low already."""
    alike.set_seq1(word)
    likely = alike.real_quick_ratio() >= _ALIKE and alike.quick_ratio() >= _ALIKE
    return alike.ratio() if likely else 0.0
