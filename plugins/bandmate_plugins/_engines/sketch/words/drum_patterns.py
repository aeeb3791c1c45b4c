"""Drum patterns that the musician writes: `x--- x--- x-x- x---`, or `kick: x---...; snare: ----...`."""

from __future__ import annotations

import re

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.search import nearest_words
from bandmate_plugins._engines.sketch.words.terms import all_terms, fold_term
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_LETTERS = "Xxog?-"
_LENGTHS = (16, 32)
_MAX_SHOWN = 40


def apply_pattern(wish: ParsedPrompt, text: str) -> None:
    """Lets the drums of a prompt play a pattern; those that the pattern names play, whether the prompt does or not.

    Raises RequestError (`bad_params`) for a text that is no pattern, or one whose drum is open.
    """
    for line in filter(None, (line.strip() for line in re.split(r"[;\n]", text))):
        name, colon, steps = line.rpartition(":")
        drum = _drum_by_name(name) if colon else _only_drum(wish)
        if drum in wish.patterns:
            raise _bad_pattern(
                say("The pattern has two lines for {drum!r}.", drum=library.single_drums()[drum].title),
                "Write one line for each drum, of 32 steps for two bars.",
            )
        wish.patterns[drum] = _read_steps(steps)
        if drum not in wish.drums:
            wish.drums.append(drum)
            wish.has_terms = True


def _read_steps(steps: str) -> str:
    plain = library.strip_spacing(steps.strip())
    wrong = sorted(set(plain) - set(_LETTERS))
    if wrong:
        raise _bad_pattern(
            say("A drum pattern has no letter {letter!r}.", letter=wrong[0]),
            "Write X for an accent, x for a hit, o for a soft one, g for a ghost note, ? for a hit now and then, and - "
            "for none.",
        )
    if len(plain) not in _LENGTHS:
        raise _bad_pattern(
            say(
                "The drum pattern {steps!r} has {count} steps.",
                steps=steps.strip()[:_MAX_SHOWN],
                count=len(plain),
            ),
            "Write 16 steps for a bar, four to a beat, or 32 for two bars, such as `x--- x--- x-x- x---`.",
        )
    return plain


def _drum_by_name(name: str) -> str:
    term = fold_term(name)
    meaning = all_terms().get(term)
    if meaning is None or meaning.kind != "drum":
        near = [word for word in nearest_words(name, 12) if all_terms()[word].kind == "drum"][:4]
        raise _bad_pattern(
            say("The band has no drum {name!r}.", name=name.strip()[:_MAX_SHOWN]),
            say("Nearest: {words}.", words=", ".join(near))
            if near
            else "Name a drum of docs/vocabulary.md, such as `kick`, `snare` or `hi-hat`.",
        )
    return meaning.name


def _only_drum(wish: ParsedPrompt) -> str:
    if len(wish.drums) == 1:
        return wish.drums[0]
    if wish.drums:
        titles = [library.single_drums()[name].title for name in wish.drums]
        raise _bad_pattern(
            say("The prompt names several drums, {titles}, and the pattern none.", titles=", ".join(titles)),
            "Write a line for each: `kick: x--- x--- x--- x---; snare: ---- x--- ---- x---`.",
        )
    raise _bad_pattern(
        "Neither the prompt nor the pattern names a drum.",
        "Name one in the prompt (`tambourine`), or in the pattern: `kick: x--- x--- x-x- x---`.",
    )


def _bad_pattern(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.BAD_PARAMS, sentence, remedy)
