"""The words of the vocabulary, as a prompt is searched for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bandmate_plugins._engines.sketch import library

_MAX_TERM_WORDS = 4
"""Words."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a term stands for."""

    kind: str
    """`genre`, `mood`, `instrument`, `part`, `kit`, `drum`, `metre`, `sound`, `ensemble`, `manner` or
    `absent`."""
    name: str
    """As the library has it."""


def fold_term(term: str) -> str:
    """How a term is compared: lower case, without hyphens, apostrophes and accents."""
    return " ".join(split_words(unicodedata.normalize("NFKC", term).casefold()))


def split_words(text: str) -> list[str]:
    """The words of a text in lower case, as they are compared."""
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = re.sub(r"['\u2019`]", "", text).replace("&", " n ")
    return re.findall(r"[^\W_]+", text)


def term_length(words: Sequence[str], at: int) -> int:
    """How many of the words from there on are one term of the vocabulary, the longest; 0 where none begins."""
    terms = all_terms()
    most = min(_MAX_TERM_WORDS, len(words) - at)
    return next((n for n in range(most, 0, -1) if " ".join(words[at : at + n]) in terms), 0)


@lru_cache(maxsize=256)
def genres_in_term(term: str) -> tuple[str, ...]:
    """The styles in the name of an instrument or of drums: `rock bass` is a bass, but of a rock band."""
    words, terms = term.split(), all_terms()
    spans = (" ".join(words[at:end]) for at in range(len(words)) for end in range(len(words), at, -1))
    meanings = (terms[span] for span in spans if span != term and span in terms)
    return tuple(meaning.name for meaning in meanings if meaning.kind == "genre")


@lru_cache(maxsize=1)
def all_terms() -> dict[str, Meaning]:
    """Every term, folded; plurals are understood."""
    found: dict[str, Meaning] = {}
    words = library.word_lists()
    for kind, table in (
        ("absent", {"vocals": words.absent}),
        ("part", words.parts),
        ("metre", words.metres),
        ("drum", {name: one.words for name, one in library.single_drums().items()}),
        ("sound", words.sounds),
        ("manner", {name: manner.words for name, manner in words.manners.items()}),
        ("mood", {name: mood.words for name, mood in words.moods.items()}),
        ("kit", {name: kit.words for name, kit in library.kits().items()}),
        (
            "instrument",
            {name: (*one.words, *one.stands_in_for) for name, one in library.instruments().items()},
        ),
        ("genre", {name: (*one.words, *one.stands_in_for) for name, one in library.genres().items()}),
        ("ensemble", {name: group.words for name, group in library.ensembles().items()}),
    ):
        _enter_terms(found, kind, table)
    return found


@lru_cache(maxsize=1)
def stand_in_terms() -> frozenset[str]:
    """The terms, folded, for instruments and styles that another one stands in for."""
    found: dict[str, Meaning] = {}
    for kind, entries in (("instrument", library.instruments()), ("genre", library.genres())):
        _enter_terms(found, kind, {name: one.stands_in_for for name, one in entries.items()})
    return frozenset(found)


def _enter_terms(found: dict[str, Meaning], kind: str, table: dict[str, tuple[str, ...]]) -> None:
    for name, terms in table.items():
        for term in terms:
            plain = fold_term(term)
            found[plain] = Meaning(kind, name)
            if kind in ("instrument", "drum") and not plain.endswith("s"):
                found.setdefault(plain + "s", Meaning(kind, name))
