"""How many of an instrument a prompt wants: `two electric guitars`, `3 trombones`, `a pair of violins`."""

from __future__ import annotations

import re

from bandmate_plugins._engines.sketch.words.terms import all_terms, split_words, term_length

_NUMBERS = {
    "two": 2, "2": 2, "2x": 2, "twin": 2, "dual": 2, "a pair of": 2, "a couple of": 2,
    "three": 3, "3": 3, "3x": 3, "four": 4, "4": 4, "4x": 4,
}  # fmt: skip
_COUNT = re.compile(
    r"(?<![\w./#-])("
    + "|".join(map(re.escape, sorted(_NUMBERS, key=len, reverse=True)))
    + r")\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
_ONE_MORE = re.compile(r"(?<![\w-])(another|one\s+more|(?:a|the)\s+second)\s+(?=[^\W\d_])", re.IGNORECASE)
_NOT_AFTER = frozenset(
    {
        "part", "verse", "chorus", "section", "bar", "bars", "beat", "beats", "take", "version", "in", "by", "on",
        "and", "no", "without", *(word for word in _NUMBERS if " " not in word),
    }
)  # fmt: skip
"""What a number after these counts is something else: `verse two guitars`, `in four four`."""
_BETWEEN = frozenset({"mood", "manner", "genre"})
"""What may describe the players before they are named: `two soft violins`."""
_SECTIONS = frozenset({"horns"})
"""Plurals that are a section and not so many of the singular."""
_MOST_WORDS = 6


def take_counts(text: str) -> tuple[dict[str, int], str]:
    """How many of which instruments play, by the library's names, and the text without the numbers.

    A section that is counted, such as `two violins`, is so many soloists.
    """
    counts: dict[str, int] = {}
    made, end = "", 0
    for match in _COUNT.finditer(text):
        before = split_words(text[: match.start()])[-1:]
        if before and before[0] in _NOT_AFTER:
            continue
        words = split_words(re.split(r"[,;:.!?()|]", text[match.end() :], maxsplit=1)[0])[:_MOST_WORDS]
        found = _counted_term(words)
        if found is None:
            continue
        name, plural, singular = found
        counts[name] = max(_NUMBERS[" ".join(match[1].casefold().split())], counts.get(name, 0))
        rest = text[match.end() :]
        made += text[end : match.start()]
        end = match.end()
        if plural != singular:
            last = plural.split()[-1]
            after = re.search(rf"\b{re.escape(last)}\b", rest, re.IGNORECASE)
            if after:
                made += rest[: after.start()] + singular.split()[-1]
                end += after.end()
    return _take_one_more(counts, made + text[end:])


def _take_one_more(counts: dict[str, int], text: str) -> tuple[dict[str, int], str]:
    """The same with `another piano` and `a second piano`: one more, where a piano was named before."""
    made, end = "", 0
    for match in _ONE_MORE.finditer(text):
        name = _next_instrument(text[match.end() :])
        if name is None:
            continue
        if _names_instrument(text[: match.start()], name):
            counts[name] = counts.get(name, 1) + 1
        made += text[end : match.start()]
        end = match.end()
    return counts, made + text[end:]


def _next_instrument(text: str) -> str | None:
    """The instrument that a text begins with, after what describes it."""
    words = split_words(re.split(r"[,;:.!?()|]", text, maxsplit=1)[0])[:_MOST_WORDS]
    at = 0
    while at < len(words) and (length := term_length(words, at)):
        meaning = all_terms()[" ".join(words[at : at + length])]
        if meaning.kind == "instrument":
            return meaning.name
        if meaning.kind not in _BETWEEN:
            return None
        at += length
    return None


def _names_instrument(text: str, name: str) -> bool:
    words = split_words(text)
    terms = (" ".join(words[at : at + term_length(words, at)]) for at in range(len(words)))
    return any(term and all_terms()[term].name == name for term in terms)


def _counted_term(words: list[str]) -> tuple[str, str, str] | None:
    """The instrument that words begin with, the term for it as it is there, and the one for a single player."""
    at = 0
    while at < len(words):
        length = term_length(words, at)
        if not length:
            return None
        term = " ".join(words[at : at + length])
        meaning = all_terms()[term]
        if meaning.kind == "instrument":
            single = all_terms().get(term.removesuffix("s"))
            if not term.endswith("s") or single is None or single.kind != "instrument" or term in _SECTIONS:
                return None
            return single.name, term, term.removesuffix("s")
        if meaning.kind not in _BETWEEN:
            return None
        at += length
    return None
