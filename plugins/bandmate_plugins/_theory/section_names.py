"""Sections of a song by name: `Chorus`, `Verse 2`, `B:2`, where a project or an analysis names them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.units import shorten_text

_SAME_NAMES = (
    ("chorus", "refrain", "hook", "choruses"),
    ("verse", "strophe", "verses"),
    ("pre chorus", "prechorus", "pre choruses", "prechoruses"),
    ("post chorus", "postchorus"),
    ("intro", "introduction", "opening"),
    ("outro", "ending", "end", "coda"),
    ("bridge", "middle eight", "middle 8", "bridges"),
    ("break", "breakdown", "breaks", "breakdowns"),
    ("build", "buildup", "build up"),
    ("drop", "drops"),
    ("solo", "solos"),
)
"""Names that mean the same part of a form; the first of each is the usual one."""
_USUAL = {name: names[0] for names in _SAME_NAMES for name in names}
_NUMBERED = re.compile(r"(.*?\D)\s*(\d{1,4})")
_OCCURRENCE = re.compile(r"(.*\S)\s*[:#]\s*(\d{1,4}|last)", re.DOTALL | re.IGNORECASE)
_MOST_LISTED = 24
_MOST_SHOWN = 60
"""Characters of a name that an error repeats."""


@dataclass(frozen=True, slots=True)
class NamedSection:
    """A section of a song, from a position to another in any unit."""

    name: str
    start: float
    end: float


def find_sections(wanted: str, sections: Sequence[NamedSection]) -> list[NamedSection]:
    """The sections that a name means, by start; empty for none.

    A name means all of its occurrences, numbered or not (`verse` is Verse 1 and Verse 2). `Verse 2` is the section
    of that name, else the second verse; `verse:2` is always the second one,
    `verse:last` the last one. Case, accents, hyphens and usual
    synonyms (chorus, refrain, hook) do not matter.
    """
    ordered = sorted(sections, key=lambda one: (one.start, one.end))
    if found := _OCCURRENCE.fullmatch(wanted.strip()):
        alike = _find_named(found[1], ordered)
        return alike[-1:] if found[2].casefold() == "last" else _nth(alike, int(found[2]))
    return _find_named(wanted, ordered)


def _find_named(wanted: str, ordered: Sequence[NamedSection]) -> list[NamedSection]:
    if not wanted.strip():
        return []
    base, number = _split_number(wanted)
    alike = _named(base, ordered)
    if not number:
        return alike
    if exact := [one for one in ordered if _fold_name(one.name) == _fold_name(wanted)]:
        return exact
    return [] if any(_split_number(one.name)[1] for one in alike) else _nth(alike, number)


def usual_section_name(name: str) -> str:
    """The usual name of a kind of section, without its number: `Refrain 2` is a chorus; other names are folded."""
    return _split_number(name)[0]


def is_usual_section(word: str) -> bool:
    """Whether a word is a usual name for a part of a song, such as `chorus`."""
    return _fold_name(word) in _USUAL


def unknown_section_error(wanted: str, sections: Sequence[NamedSection], remedy: str = "") -> RequestError:
    """The error `bad_position` for a name that no section has; it names the nearest and all that there are.

    `remedy` is what helps where there are no sections at all.
    """
    return RequestError(
        ErrorCode.BAD_POSITION,
        say("There is no section '{name}'.", name=shorten_text(wanted, _MOST_SHOWN)),
        say(
            "{nearest_text}{listed}",
            nearest_text=_nearest_text(wanted, sections),
            listed=list_sections(sections),
        )
        if any(one.name.strip() for one in sections)
        else remedy,
    )


def list_sections(sections: Sequence[NamedSection]) -> str:
    """A sentence with the names of all sections, in order, and how often each occurs."""
    counts: dict[str, int] = {}
    for one in sorted(sections, key=lambda section: section.start):
        if one.name.strip():
            counts[one.name.strip()] = counts.get(one.name.strip(), 0) + 1
    names = [f"{name} (x{count})" if count > 1 else name for name, count in counts.items()]
    more = f", and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return say("Sections: {names}.", names=", ".join(names[:_MOST_LISTED]) + more)


def _nearest_text(wanted: str, sections: Sequence[NamedSection]) -> str:
    names = {_fold_name(one.name)[:_MOST_SHOWN]: one.name.strip() for one in sections if one.name.strip()}
    names |= {
        usual_section_name(one.name)[:_MOST_SHOWN]: one.name.strip() for one in sections if one.name.strip()
    }
    near = difflib.get_close_matches(_fold_name(wanted)[:_MOST_SHOWN], list(names), n=1)
    return say("Did you mean '{name}'? ", name=names[near[0]]) if near else ""


def _nth(sections: Sequence[NamedSection], number: int) -> list[NamedSection]:
    return [sections[number - 1]] if 1 <= number <= len(sections) else []


def _named(wanted: str, sections: Sequence[NamedSection]) -> list[NamedSection]:
    base = usual_section_name(wanted)
    return [one for one in sections if one.name.strip() and usual_section_name(one.name) == base]


def _split_number(name: str) -> tuple[str, int]:
    """A folded name without its number, as its usual synonym, and the number; 0 for none."""
    folded = _fold_name(name)
    if folded in _USUAL:
        return _USUAL[folded], 0
    if found := _NUMBERED.fullmatch(folded):
        base = found[1].strip()
        return _USUAL.get(base, base), int(found[2])
    return folded, 0


def _fold_name(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", plain)) or plain.strip()
