"""Tempo, metre, key and length for a prompt: those that it names, else those that its style is at home in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._tasks.write import WriteParams
from bandmate_plugins.outputs import Output, Remark, TaskReport

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


def suggest_song(params: WriteParams, seed: int) -> Iterator[Output]:
    """What `LoadedEngine.write` reports: what was given, and tempo, metre and key that suit the idea."""
    found = suggest_for_prompt(params.prompt, seed)
    named = {name: getattr(params, name) for name in ("bpm", "key", "metre", "seconds")}
    given = {name: value for name, value in named.items() if value}
    yield TaskReport(
        {
            "prompt": params.prompt,
            "lyrics": "" if params.instrumental else params.lyrics,
            "language": params.language,
            "bpm": found["bpm"],
            "key": found["key"],
            "metre": f"{found['numerator']}/{found['denominator']}",
            "seconds": found.get("seconds"),
            **given,
            "given": list(given),
        }
    )
    yield Remark(
        "Tempo, metre and key suit the style of the idea. The embedded engine writes no prompts and no lyrics; the "
        "planner of ACE-Step does.",
        ("acestep_5hz_lm_0.6b",),
    )
