"""The effect chorus of a `guitar with chorus` or a `clean chorus guitar`, which is no section of the form."""

from __future__ import annotations

import re

from bandmate_plugins._engines.sketch.words.terms import all_terms, split_words, term_length

_CHORUS = "chorus effect"
"""As the vocabulary has it."""
_PAUSE = r"[,;:.!?()|]"
_NEAR = 100
"""Characters that are looked at on each side."""
_MOST_WORDS = 6
_EFFECT = r"(?:reverb|delay|echo|distortion|overdrive|fuzz|phaser|flanger|tremolo|vibrato|compression)"
_DEGREE = (
    r"(?:some|lots\s+of|a\s+(?:lot|bit|little|touch)\s+of|plenty\s+of|heavy|light|subtle|slow|deep|wide|stereo|lush|warm"
    r"|thick|nice|more|much)"
)
_CHORUS_AFTER = re.compile(
    rf"\b(with(?:out)?)\s+(?:{_DEGREE}\s+)*((?:{_EFFECT}(?:\s*(?:,|&|\+|\band\b)\s*)(?:{_DEGREE}\s+)*)*)"
    r"chorus\b(?!\s+(?:effects?|fx|pedal)\b)",
    re.IGNORECASE,
)
_CHORUS_BEFORE = re.compile(r"(?<![\w-])chorus(?=\s+[^\W\d_])", re.IGNORECASE)
_OTHER_SECTIONS = re.compile(
    r"\b(?:verses?|bridge|intro|outro|refrain|pre[\s-]?chorus|choruses)\b", re.IGNORECASE
)
_DETERMINED = re.compile(
    r"\b(?:the|a|an|this|that|each|every|both|all|our|my|first|second|third|last|final|next)\s+$",
    re.IGNORECASE,
)


def name_chorus(text: str) -> str:
    """A prompt without places whose chorus is the effect, by its name: `guitar with chorus`, `clean chorus guitar`.

    It is a section where the prompt names others, or where no instrument stands with it.
    """
    if _OTHER_SECTIONS.search(text):
        return text
    return _CHORUS_BEFORE.sub(_name_before_player, _CHORUS_AFTER.sub(_name_after_player, text))


def _name_after_player(match: re.Match[str]) -> str:
    """The effect, before others that are named with it, where an instrument ends there: `a clean electric guitar`."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    words = split_words(re.split(_PAUSE, before)[-1])[-_MOST_WORDS:]
    if not any(_is_player(" ".join(words[at:])) for at in range(len(words))):
        return match[0]
    others = re.sub(r"\s*(?:,|&|\+|\band)\s*$", "", match[2], flags=re.IGNORECASE)
    return f"{match[1]} {_CHORUS}" + (f" and {others}" if others else "")


def _name_before_player(match: re.Match[str]) -> str:
    """The effect where an instrument follows: `chorus guitar`, but not `the chorus guitar`."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    after = match.string[match.end() : match.end() + _NEAR]
    words = split_words(re.split(_PAUSE, after, maxsplit=1)[0])[:_MOST_WORDS]
    described = _is_player(" ".join(words[: term_length(words, 0)])) and not _DETERMINED.search(before)
    return _CHORUS if described else match[0]


def _is_player(term: str) -> bool:
    meaning = all_terms().get(term)
    return meaning is not None and (
        meaning.kind == "instrument" or (meaning.kind == "part" and meaning.name in ("bass", "keys", "lead"))
    )
