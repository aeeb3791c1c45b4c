"""Reads a prompt: words of the vocabulary, a tempo, a key and a metre, and what was not understood."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._theory.keys import Key, parse_key

_MAX_TERM_WORDS = 4
"""Words."""
_TEMPO = re.compile(
    r"(?<![\w.])(\d{2,3}(?:\.\d+)?)\s*-?\s*(?:bpm|beats per minute)\b|\btempo\s*:?\s*(\d{2,3})\b"
)
_METRE = re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])")
_NOTE_VALUES = frozenset({1, 2, 4, 8, 16, 32, 64})
"""What the lower number of a metre can be."""
_MODE = (
    "major|minor|maj|min|ionian|dorian|phrygian|lydian|mixolydian|aeolian|locrian|(?:harmonic|melodic) minor"
)
_KEY = re.compile(
    r"\b(?:in|key(?: of)?:?)?\s*\b(?:([A-G])(#|b|♯|♭)?(m)(?![\w'])"
    r"|([A-Ga-g])(#|b|♯|♭|-sharp|-flat| sharp| flat)?[ -]?"
    rf"({_MODE})(?!\w)(?!(?<=\ba minor|\ba major) (?:key|mode|mood|feel|scale)))"
)
"""`Am` needs its capital (`I am`); `a minor key` is no key of A."""
_BARE_KEY = re.compile(r"\b(?:in|key of|key:)\s+(?:the key of\s+)?([A-G])(#|b|♯|♭)?(?![\w'#])")
_LENGTH = re.compile(r"\b\d+\s*(?:bars?|beats?|measures?|seconds?|secs?|minutes?|mins?)\b")
_NEGATION = frozenset({"no", "without", "minus"})


@dataclass
class ParsedPrompt:
    """What a prompt asks for."""

    genre: str | None = None
    genres: list[str] = field(default_factory=list)
    moods: list[str] = field(default_factory=list)
    instruments: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    kit: str | None = None
    drums: list[str] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    assigned: dict[str, str] = field(default_factory=dict)
    """Instruments that are to play another part than usual: `piano melody`."""
    band: bool = False
    sound: str | None = None
    """`own` or `soundfont`."""
    bpm: float | None = None
    metre: tuple[int, int] | None = None
    key: Key | None = None
    used: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def parse_prompt(prompt: str) -> ParsedPrompt:
    """Understands what it can; never fails, whatever the text."""
    wish = ParsedPrompt()
    text = unicodedata.normalize("NFKC", prompt)
    text = _take_key(_take_metre(_take_tempo(text, wish), wish), wish)
    tokens = _split_tokens(_LENGTH.sub(" ", text.casefold()))
    at, negated, before = 0, False, ("", "")
    inside: list[str] = []
    while at < len(tokens):
        length = next((n for n in range(_MAX_TERM_WORDS, 0, -1) if _is_term(tokens, at, n)), 0)
        if length:
            term = " ".join(tokens[at : at + length])
            _apply_term(term, _all_terms()[term], wish, negated, before)
            inside += [] if negated else _genres_in_term(term)
            negated, before = False, _all_terms()[term]
        elif tokens[at] in _NEGATION:
            negated = True
        elif tokens[at] not in library.word_lists().ignored and tokens[at] not in wish.unknown:
            wish.unknown.append(tokens[at])
        if not length:
            before = ("", "")
        at += max(length, 1)
    wish.genres = wish.genres or inside[:1]
    wish.genre = wish.genres[0] if wish.genres else None
    return wish


def fold_term(term: str) -> str:
    """How a term is compared: lower case, without hyphens, apostrophes and accents."""
    return " ".join(_split_tokens(unicodedata.normalize("NFKC", term).casefold()))


def _split_tokens(text: str) -> list[str]:
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = re.sub(r"['\u2019`]", "", text).replace("&", " n ")
    return re.findall(r"[^\W_]+", text)


def _is_term(tokens: list[str], at: int, length: int) -> bool:
    return at + length <= len(tokens) and " ".join(tokens[at : at + length]) in _all_terms()


@lru_cache(maxsize=256)
def _genres_in_term(term: str) -> list[str]:
    """The styles in the name of an instrument or of drums: `rock bass` is a bass, but of a rock band."""
    words = term.split()
    spans = (" ".join(words[at:end]) for at in range(len(words)) for end in range(len(words), at, -1))
    meanings = (_all_terms()[span] for span in spans if span != term and span in _all_terms())
    return [name for kind, name in meanings if kind == "genre"]


@lru_cache(maxsize=1)
def _all_terms() -> dict[str, tuple[str, str]]:
    """Every term with its kind and what it means; plurals are understood."""
    found: dict[str, tuple[str, str]] = {}
    words = library.word_lists()
    for kind, table in (
        ("part", words.parts),
        ("metre", words.metres),
        ("drum", words.drum_words),
        ("sound", words.sounds),
    ):
        _enter_terms(found, kind, table)
    _enter_terms(found, "mood", {name: mood.words for name, mood in words.moods.items()})
    _enter_terms(found, "kit", {name: kit.words for name, kit in library.kits().items()})
    _enter_terms(found, "instrument", {name: one.words for name, one in library.instruments().items()})
    _enter_terms(found, "genre", {name: genre.words for name, genre in library.genres().items()})
    return found


def _enter_terms(found: dict[str, tuple[str, str]], kind: str, table: dict[str, tuple[str, ...]]) -> None:
    for name, terms in table.items():
        for term in terms:
            plain = fold_term(term)
            found[plain] = (kind, name)
            if kind in ("instrument", "drum") and not plain.endswith("s"):
                found.setdefault(plain + "s", (kind, name))


def _apply_term(
    term: str, meaning: tuple[str, str], wish: ParsedPrompt, negated: bool, before: tuple[str, str]
) -> None:
    kind, name = meaning
    if kind == "sound":
        wish.sound = "own" if negated else name
        wish.used.append(f"no {term}" if negated else term)
        return
    if negated:
        wish.without.add(_term_part(kind, name))
        wish.used.append(f"no {term}")
        return
    if term not in wish.used:
        wish.used.append(term)
    lists = {
        "genre": wish.genres,
        "mood": wish.moods,
        "instrument": wish.instruments,
        "drum": wish.drums,
        "part": wish.parts,
    }
    if kind == "part" and before[0] == "instrument" and name in ("bass", "keys", "lead"):
        if library.instruments()[before[1]].part != name:
            wish.assigned[before[1]] = name
    elif kind == "kit":
        wish.kit = wish.kit or name
    elif kind == "metre":
        numerator, denominator = name.split("/")
        wish.metre = wish.metre or (int(numerator), int(denominator))
    elif name == "band":
        wish.band = True
    elif name not in lists[kind]:
        lists[kind].append(name)


def instrument_part(wish: ParsedPrompt, instrument: str) -> str:
    """What an instrument plays here."""
    return wish.assigned.get(instrument, library.instruments()[instrument].part)


def _term_part(kind: str, name: str) -> str:
    if kind == "instrument":
        return library.instruments()[name].part
    return "drums" if kind in ("drum", "kit") else name


def _take_tempo(text: str, wish: ParsedPrompt) -> str:
    match = _TEMPO.search(text.casefold())
    if match:
        wish.bpm = min(max(float(match[1] or match[2]), 20.0), 400.0)
        wish.used.append(f"{wish.bpm:g} bpm")
        text = text[: match.start()] + " " + text[match.end() :]
    return text


def _take_metre(text: str, wish: ParsedPrompt) -> str:
    for match in _METRE.finditer(text):
        numerator, denominator = int(match[1]), int(match[2])
        possible = 1 <= numerator <= 31 and denominator in _NOTE_VALUES
        if possible and wish.metre is None:
            wish.metre = (numerator, denominator)
            wish.used.append(match[0])
        elif match[0] not in wish.unknown:
            wish.unknown.append(match[0])
    return _METRE.sub(" ", text)


def _take_key(text: str, wish: ParsedPrompt) -> str:
    match = _KEY.search(text)
    if match:
        letter, accidental, mode = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
    elif match := _BARE_KEY.search(text):
        letter, accidental, mode = match[1], match[2], "major"
    else:
        return text
    wish.key = parse_key(f"{letter.upper()}{(accidental or '').strip(' -')} {mode}")
    if wish.key:
        wish.used.append(wish.key.name)
        text = text[: match.start()] + " " + text[match.end() :]
    return text
