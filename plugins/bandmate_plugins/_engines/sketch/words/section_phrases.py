"""How prompts name sections: `in the chorus`, `verse 2`, `part B`, `section "Mad bit"`; for regular expressions."""

from __future__ import annotations

import re

from bandmate_plugins._theory.section_names import usual_section_name

_KINDS = (
    r"pre[\s-]?chorus(?:es)?|post[\s-]?chorus(?:es)?|chorus(?:es)?|refrains?|hooks?|verses?|strophes?|intro(?:duction)?"
    r"|outro|ending|coda|bridges?|middle\s+(?:eight|8)|break(?:down)?s?|build(?:[\s-]?up)?s?|drops?|solos?"
    r"|interludes?|instrumentals?"
)
_LETTER = (
    r"""(?:sections?|parts?|regions?)\s+(?:"[^"\n]{1,80}"|'[^'\n]{1,80}'|[A-Za-z]\d{0,2}\b)"""
    r"|[A-Z]\d?\s+(?:section|part)\b"
)
_ORDINALS = {"first": "1", "1st": "1", "second": "2", "2nd": "2", "third": "3", "3rd": "3", "fourth": "4", "4th": "4",
             "last": "last", "final": "last"}  # fmt: skip
SECTION = rf"(?:(?:{'|'.join(_ORDINALS)})\s+)?(?:\b(?:{_KINDS})\b(?:\s+\d{{1,2}}\b)?|{_LETTER})"
"""One section, perhaps with an ordinal or a number."""
THE = r"(?:(?:the|every|each|all(?:\s+of)?(?:\s+the)?|both|our|its)\s+)"
SECTIONS = rf"{THE}?{SECTION}(?:\s*(?:,\s*and\b|,|&|\band\b|\bor\b)\s*(?:(?:in|during)\s+)?{THE}?{SECTION})*"
"""Several of them."""
KIND = rf"(?:{_KINDS})"
"""A kind of section, without an ordinal or a number."""
_ONE = re.compile(
    rf"(?:({'|'.join(_ORDINALS)})\s+)?(?:\b({_KINDS})\b(?:\s+(\d{{1,2}})\b)?|({_LETTER}))", re.IGNORECASE
)
_QUOTED = re.compile(r"""["'](.+)["']""")
_NOT_NAMES = re.compile(r"\b(?:sections?|parts?|regions?)\b", re.IGNORECASE)


def section_names(text: str) -> tuple[str, ...]:
    """The names of the sections in a phrase that `SECTIONS` matches, as `find_sections` takes them."""
    names = []
    for match in _ONE.finditer(text):
        ordinal, kind, number, letter = match.groups()
        if kind:
            name = usual_section_name(kind) + (f" {number}" if number else "")
        else:
            quoted = _QUOTED.search(letter)
            name = quoted[1] if quoted else _NOT_NAMES.sub("", letter).strip()
        names.append(f"{name}:{_ORDINALS[ordinal.casefold()]}" if ordinal else name)
    return tuple(dict.fromkeys(names))
