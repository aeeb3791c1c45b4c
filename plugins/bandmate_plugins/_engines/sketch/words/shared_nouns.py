"""Adjectives whose noun is with a neighbour: `electric, not acoustic guitar`, `alto and tenor sax`.

Each gets the noun, so that what follows reads terms only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.terms import Meaning, all_terms, term_length

_NOUN_KINDS = frozenset({"instrument", "drum", "kit", "part", "ensemble"})
_CONTRASTS = frozenset({"not", "rather than", "instead of", "but not"})
"""Negators between two things of a kind."""
_CONTRASTED_KINDS = frozenset({"manner", "mood"})
_ALSO_STYLE = "acoustic"
"""A style if it is alone, but a kind of instrument beside another kind."""
_JOINS = frozenset({"and", "or", "nor", "n"})
_ARTICLES = frozenset({"a", "an", "the", "any"})


@dataclass(slots=True)
class _Token:
    text: str
    kind: str
    """`term`, `negator`, `break`, `join`, `but`, `article`, `word` (unknown) or `other`."""
    shared: bool = False
    """Whether it got its noun from a neighbour."""


def share_nouns(words: Sequence[str], negators: Iterable[str], mark: str) -> list[str]:
    """The words of a prompt with the nouns that its adjectives share; `mark` is the word at the end of phrases."""
    tokens = _read_tokens(words, frozenset(negators), mark)
    for at in range(len(tokens) - 1, -1, -1):
        noun = _noun_after(tokens, at) or _noun_before(tokens, at)
        if noun:
            tokens[at] = _Token(f"{tokens[at].text} {noun}", "term", shared=True)
    return " ".join(token.text for token in tokens).split()


def _read_tokens(words: Sequence[str], negators: frozenset[str], mark: str) -> list[_Token]:
    longest = max(len(one.split()) for one in negators)
    tokens: list[_Token] = []
    at = 0
    while at < len(words):
        length = next(
            (
                n
                for n in range(min(longest, len(words) - at), 0, -1)
                if " ".join(words[at : at + n]) in negators
            ),
            0,
        )
        kind = "negator" if length else "term"
        length = length or term_length(words, at)
        if not length:
            length, kind = 1, _word_kind(words[at], mark)
        tokens.append(_Token(" ".join(words[at : at + length]), kind))
        at += length
    return tokens


def _word_kind(word: str, mark: str) -> str:
    if word == mark:
        return "break"
    if word in _JOINS:
        return "join"
    if word in _ARTICLES:
        return "article"
    if word == "but":
        return "but"
    return "other" if word in library.word_lists().ignored else "word"


def _noun_after(tokens: Sequence[_Token], at: int) -> str:
    """The noun of the next term, if the two are contrasted or joined; empty for none."""
    link: list[_Token] = []
    for token in tokens[at + 1 :]:
        if token.kind in ("break", "join", "but", "article", "negator"):
            link.append(token)
            continue
        kinds = {one.kind for one in link}
        contrasted = any(one.text in _CONTRASTS for one in link)
        ruled_out = _is_after_negator(tokens, at) and bool(kinds - {"article"})
        joined = bool(kinds & {"join", "but", "negator"}) or (token.shared and "break" in kinds)
        lacks_noun = tokens[at].kind == "word" and (joined or ruled_out)
        lacks_noun = lacks_noun or (tokens[at].text == _ALSO_STYLE and (contrasted or ruled_out))
        lacks_noun = lacks_noun or (_meaning_kind(tokens[at]) in _CONTRASTED_KINDS and contrasted)
        return _shared_noun(tokens[at].text, token) if lacks_noun else ""
    return ""


def _noun_before(tokens: Sequence[_Token], at: int) -> str:
    """The noun of the term before, for what is ruled out after it: `electric guitar, not acoustic`."""
    ends = (
        at + 1 == len(tokens) or tokens[at + 1].kind in ("break", "but") or tokens[at + 1].text == "instead"
    )
    if not ends or not (tokens[at].kind == "word" or tokens[at].text == _ALSO_STYLE):
        return ""
    if not _is_after_negator(tokens, at):
        return ""
    before = [one for one in tokens[:at] if one.kind not in ("break", "but", "article", "negator")]
    return _shared_noun(tokens[at].text, before[-1]) if before else ""


def _is_after_negator(tokens: Sequence[_Token], at: int) -> bool:
    at -= 1
    while at >= 0 and tokens[at].kind == "article":
        at -= 1
    return at >= 0 and tokens[at].kind == "negator"


def _shared_noun(adjective: str, token: _Token) -> str:
    """The last word of a term, if the adjective makes another term with it."""
    meaning = all_terms().get(token.text)
    if meaning is None or meaning.kind not in _NOUN_KINDS:
        return ""
    noun = token.text.split()[-1]
    other: Meaning | None = all_terms().get(f"{adjective} {noun}")
    return noun if other is not None and other != meaning and other.kind in _NOUN_KINDS else ""


def _meaning_kind(token: _Token) -> str:
    meaning = all_terms().get(token.text)
    return meaning.kind if meaning else ""
