"""Tempo, metre, key and length for a prompt: those that it names, else those that its style is at home in."""

from __future__ import annotations

from typing import Any

from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt

_TWELVE_BARS = frozenset({"12 bar blues", "twelve bar blues"})


def suggest_for_prompt(prompt: str, seed: int) -> dict[str, Any]:
    """What `LoadedEngine.suggest` reports, by the fields of `Suggested`; the same for a seed."""
    wish = parse_prompt(prompt)
    key, _ = decisions.choose_key(wish, None, seed)
    numerator, denominator = decisions.choose_metre(wish)
    length = {"bars": wish.bars, "seconds": wish.seconds}
    if wish.bars is None and wish.seconds is None and _TWELVE_BARS & set(wish.used):
        length["bars"] = 12.0
    return {
        "bpm": decisions.choose_tempo(wish),
        "numerator": numerator,
        "denominator": denominator,
        "key": key.name,
    } | {name: value for name, value in length.items() if value is not None}
