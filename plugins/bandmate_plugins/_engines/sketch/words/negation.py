"""What a prompt does not want: `no`, `without`, `except`, `everything but`, `drumless`, and how far they reach.

A negation applies to the next term, and to those that `or`, `and` or a comma adds to a list of such terms. It
ends at a word that is not known, at `with`, `but`, `just` and `only`, and at the end of its phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.idioms import idiom_length
from bandmate_plugins._engines.sketch.words.shared_nouns import share_nouns
from bandmate_plugins._engines.sketch.words.terms import (
    Meaning,
    all_terms,
    fold_term,
    split_words,
    term_length,
)

NEGATORS = (
    "no", "non", "not", "without", "minus", "sans", "except", "excluding", "instead of", "rather than", "apart from",
    "other than", "everything but", "all but", "anything but", "everyone but", "except for", "leave out", "leaving out",
    "dont", "do not", "doesnt", "never", "lose the", "drop the", "mute the", "w o", "nor", "neither",
    "dont play", "dont use", "dont want", "dont add", "do not play", "do not use", "do not add", "avoid", "avoid using",
    "never any", "stay away from",
)  # fmt: skip
_ONLY = ("nothing but", "nothing except", "nothing else but")
_NEGATOR_WORDS = max(len(one.split()) for one in (*NEGATORS, *_ONLY))
_ENDS = frozenset({"with", "but", "just", "only", "plus", "then", "featuring", "feat"})
_JOINS = frozenset({"or", "and", "nor", "n"})
_BREAK = "|"
_PHRASES = frozenset({_BREAK, "and", "plus", "n"})
_CLAUSES = frozenset({"with", "over", "under", "on", "in", "featuring", "feat"})
_SWAPPED = re.compile(r"\b(?:swap|replace|exchange)\s+((?:\w+\s+){1,3}?)(?:for|with|by)\b")
"""`swap the guitar for a banjo`."""
_LESS = re.compile(r"\b([^\W\d_]{3,})(?:-?less|-free)\b")
_QUALITY_NEGATORS = frozenset({"not", "non", "never", "nor", "neither", "rather than", "doesnt"})
"""Of `not distorted guitar`, the guitar plays; of `without the walking bass`, the style's bass does, if any."""
_NO_ADJECTIVES = frozenset(
    {
        "frills", "nonsense", "bullshit", "bs", "fuss", "rush", "stress", "problem", "worries", "effort", "holds",
        "limits", "idea", "time", "doubt", "wonder",
    }
)  # fmt: skip
"""Words after `no` that say nothing of what follows: `no frills bass` has a bass."""
_QUALITIES = frozenset({"manner", "mood"})
_DETERMINERS = frozenset({"the", "that", "this", "those", "these", "any", "a", "an", "all"})
_ADJECTIVE_ENDS = ("ing", "y", "ed", "al", "ish", "ous", "ic", "ful", "ive", "ible", "able")
_MODIFIED = ("instrument", "part", "drum", "kit", "absent", "ensemble")


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A term of the vocabulary in a prompt."""

    text: str
    """Folded."""
    meaning: Meaning
    negated: bool
    follows: Meaning | None
    """The term directly before it."""
    phrase: int = 0
    """Which phrase of the prompt it is in: they end at commas and at `and`."""
    clause: int = 0
    """Which part of a phrase it is in: they begin at words such as `with`."""
    described: bool = False
    """Whether it only says what a manner is ruled out for: the bass of `without the walking bass`."""


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word that is in no list."""

    text: str
    negated: bool
    is_idiom: bool = False
    """Whether it is a phrase whose words would be known elsewhere."""


def find_terms(prompt: str) -> Iterator[FoundTerm | UnknownWord]:
    """The terms of a prompt in order, and the words between them that are not known."""
    words = share_nouns(_phrase_words(prompt), NEGATORS, _BREAK)
    ignored = library.word_lists().ignored
    at, negated, applied, list_end = 0, False, False, 0
    phrase = clause = 0
    before: Meaning | None = None
    negator, bare = "", False
    while at < len(words):
        word = words[at]
        if length := _phrase_length(words, at, _ONLY):
            negated, before = False, None
        elif length := _phrase_length(words, at, NEGATORS):
            negated, applied, before = True, False, None
            negator = " ".join(words[at : at + length])
        elif length := idiom_length(words, at):
            yield UnknownWord(" ".join(words[at : at + length]), negated, is_idiom=True)
            negated, before = False, None
        elif length := term_length(words, at):
            text = " ".join(words[at : at + length])
            meaning = all_terms()[text]
            described = applied and bare and negator not in _QUALITY_NEGATORS and meaning.kind in _MODIFIED
            negated = negated and not (applied and not _is_joined(words, at))
            only_modifies = negated and _modifies_next(words, at + length, meaning)
            if not only_modifies:
                yield FoundTerm(text, meaning, negated, before, phrase, clause, described and not negated)
                applied = negated
            bare = negated and not only_modifies and meaning.kind in _QUALITIES
            before = meaning
        else:
            length, before = 1, None
            bare = bare and word not in _JOINS and word != _BREAK
            phrase += word in _PHRASES
            clause += word in _PHRASES or word in _CLAUSES
            if negated and word == _BREAK and at >= list_end:
                list_end = _list_end(words, at)
            if word in _ENDS or (negated and word == _BREAK and at >= list_end):
                negated = False
            elif word != _BREAK and word not in ignored:
                yield UnknownWord(word, negated)
                negated = negated and not applied and _is_adjective(words, at, negator)
        at += length


def _is_adjective(words: list[str], at: int, negator: str) -> bool:
    """Whether an unknown word describes what is ruled out: `without the cheesy synth`, but not `no kazoo drums`."""
    length = term_length(words, at + 1)
    determined = at > 0 and words[at - 1] in _DETERMINERS
    return (
        (determined or words[at].endswith(_ADJECTIVE_ENDS))
        and negator not in _QUALITY_NEGATORS
        and not negator.startswith("d")
        and words[at].isalpha()
        and words[at] not in _NO_ADJECTIVES
        and length > 0
        and all_terms()[" ".join(words[at + 1 : at + 1 + length])].kind in _MODIFIED
    )


def _phrase_words(prompt: str) -> list[str]:
    """The words of a prompt, with a mark where a phrase ends."""
    text = unicodedata.normalize("NFKC", prompt).casefold()
    text = re.sub(r"\bw/o\b", "without", text)
    text = _SWAPPED.sub(r" without \1, ", text)
    text = _LESS.sub(_spell_out_less, text)
    phrases = re.split(r"[,;:!?()\[\]\n]+|\.(?=\s|$)|\s[-\u2013\u2014]+\s", text)
    words: list[str] = []
    for phrase in phrases:
        words += [*split_words(phrase), _BREAK]
    return words[:-1]


def _spell_out_less(match: re.Match[str]) -> str:
    stem = "drums" if match[1] in ("beat", "percussion") else fold_term(match[1])
    known = stem in all_terms() or f"{stem}s" in all_terms()
    return f" without {stem if stem in all_terms() else stem + 's'}, " if known else match[0]


def _phrase_length(words: list[str], at: int, phrases: tuple[str, ...]) -> int:
    for length in range(min(_NEGATOR_WORDS, len(words) - at), 0, -1):
        if " ".join(words[at : at + length]) in phrases:
            return length
    return 0


def _is_joined(words: list[str], at: int) -> bool:
    """Whether a list goes on here: `without drums or bass`."""
    back = at - 1
    while back >= 0 and (words[back] in ("a", "an", "the", "any")):
        back -= 1
    return back >= 0 and (words[back] in _JOINS or words[back] == _BREAK)


def _list_end(words: list[str], at: int) -> int:
    """Where the list ends that the commas from here on belong to: `without drums, bass or lead`; 0 for none."""
    at += 1
    while at < len(words):
        while at < len(words) and words[at] in ("a", "an", "the", "any"):
            at += 1
        length = term_length(words, at)
        if not length:
            return 0
        at += length
        if at >= len(words):
            return 0
        if words[at] in ("or", "nor", "and"):
            goes_on = term_length(words, at + 1) or words[at + 1 : at + 2] in (["the"], ["any"], ["a"])
            return at if goes_on else 0
        if words[at] != _BREAK:
            return 0
        at += 1
        if words[at : at + 1] in (["or"], ["nor"], ["and"]):
            return at
    return 0


def _modifies_next(words: list[str], at: int, meaning: Meaning) -> bool:
    """Whether a negated style only describes what follows: `no rock drums` are no drums."""
    length = term_length(words, at)
    return (
        meaning.kind == "genre"
        and length > 0
        and all_terms()[" ".join(words[at : at + length])].kind in _MODIFIED
    )
