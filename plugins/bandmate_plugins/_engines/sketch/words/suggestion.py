"""Tempo, metre and key for a prompt: those that it names, else those that its style is at home in."""

from __future__ import annotations

from typing import Any

from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt


def suggest_for_prompt(prompt: str, seed: int) -> dict[str, Any]:
    """What `LoadedEngine.suggest` reports: `bpm`, `numerator`, `denominator`, `key`; the same for a seed."""
    wish = parse_prompt(prompt)
    key, _ = decisions.choose_key(wish, None, seed)
    numerator, denominator = decisions.choose_metre(wish)
    return {
        "bpm": decisions.choose_tempo(wish),
        "numerator": numerator,
        "denominator": denominator,
        "key": key.name,
    }
