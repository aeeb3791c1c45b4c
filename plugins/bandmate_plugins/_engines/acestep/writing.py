"""Songs in words by the planner: from an idea, or from a prompt and lyrics that it tidies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.planner.draws import DrawRules
from bandmate_plugins._engines.acestep.planner.fields import BPM_VALUES, PlanFields
from bandmate_plugins._engines.acestep.planner.planning import SongText
from bandmate_plugins._engines.acestep.planner.runtime import PlannerRuntime
from bandmate_plugins._engines.acestep.sampling.prompt import INSTRUMENTAL
from bandmate_plugins._engines.acestep.thinking import plan_seconds, spelled_key
from bandmate_plugins._tasks.write import WriteParams
from bandmate_plugins.outputs import Output, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.keys import read_key
from bandmate_protocol.texts import say

METRES = {2: "2/4", 3: "3/4", 4: "4/4", 6: "6/8"}
"""Metres by what the planner calls them."""


def write_song(
    planner: PlannerRuntime, request: TaskRequest[WriteParams, AceStepOptions], context: TaskContext
) -> Iterator[Output]:
    """Reports the song. Raises RequestError (`bad_params`) for what the planner does not know or cannot read."""
    params = request.params
    given = given_fields(params)
    rules = DrawRules(temperature=request.options.plan_temperature)
    desk = planner.desk
    if params.tidy:
        lyrics = INSTRUMENTAL if params.instrumental else params.lyrics
        text = desk.tidy_text(params.prompt, lyrics, given, request.seed, rules)
    else:
        lyrics = INSTRUMENTAL if params.instrumental else ""
        text = desk.expand_text(params.prompt, given, request.seed, rules, lyrics)
    yield from planner.write(text, "Writing", context)
    song = desk.read_song(text, given)
    yield TaskReport(song_report(song, given) | {"planner": planner.name, "seed": request.seed})


def given_fields(params: WriteParams) -> PlanFields:
    """What was asked for as the planner knows it. Raises RequestError (`bad_params`) for what it does not know."""
    bpm = None if params.bpm is None else round(params.bpm)
    if bpm is not None and bpm not in BPM_VALUES:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("The planner does not know {bpm:g} bpm.", bpm=params.bpm),
            say("It knows {low} to {high} bpm.", low=BPM_VALUES[0], high=BPM_VALUES[-1]),
        )
    return PlanFields(
        bpm=bpm,
        duration=None if params.seconds is None else plan_seconds(params.seconds),
        keyscale=_given_key(params.key),
        language=None if params.language == "unknown" else params.language,
        timesignature=next((beats for beats, metre in METRES.items() if metre == params.metre), None),
    )


def _given_key(text: str) -> str | None:
    if not text.strip():
        return None
    key = read_key(text)
    if key is None or key.mode not in ("major", "minor"):
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("The planner does not know the key {key}.", key=text.strip()),
            "It knows major and minor keys, such as A minor.",
        )
    return spelled_key(f"{text.strip()[0].upper()}{text.strip()[1:]}")


def song_report(song: SongText, given: PlanFields) -> dict[str, Any]:
    """A song for programs, by the names of `WriteParams`; empty or None where there is none."""
    fields = song.fields
    return {
        "prompt": fields.caption or "",
        "lyrics": "" if song.lyrics == INSTRUMENTAL else song.lyrics,
        "language": fields.language or "unknown",
        "bpm": fields.bpm,
        "key": spelled_key(fields.keyscale) or "",
        "metre": METRES.get(fields.timesignature or 0, ""),
        "seconds": fields.duration,
        "genres": fields.genres or "",
        "given": list(given.given_values()),
    }
