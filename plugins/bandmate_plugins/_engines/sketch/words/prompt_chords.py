"""Chords that a prompt names, as if they had been given with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.placed_chords import chords_report, chords_sentence, place_given_chart
from bandmate_plugins.outputs import Output, Remark, TaskReport
from bandmate_plugins.request import TaskRequest
from bandmate_protocol.messages import Timeline

P = TypeVar("P", bound=msgspec.Struct)
OptionsT = TypeVar("OptionsT", bound=msgspec.Struct)


def place_prompt_chords(prompt: str, timeline: Timeline) -> Timeline:
    """A timeline with the chords and the key of a prompt; as it was where it has chords, or the prompt none."""
    wish = parse_prompt(prompt)
    if not wish.chords or timeline.chords:
        return timeline
    key = timeline.key or (wish.key.name if wish.key else None)
    return place_given_chart(wish.chords, msgspec.structs.replace(timeline, key=key))


def with_prompt_chords(request: TaskRequest[P, OptionsT]) -> TaskRequest[P, OptionsT]:
    """The request with the chords of its prompt on the timeline and as its parameter, where it has no others."""
    params: Any = request.params
    timeline = place_prompt_chords(params.prompt, request.timeline)
    if timeline is request.timeline:
        return request
    given = msgspec.structs.replace(params, chords=parse_prompt(params.prompt).chords)
    return replace(request, params=given, timeline=timeline)


def prompt_chords_outputs(request: TaskRequest[Any, Any], played: TaskRequest[Any, Any]) -> Iterator[Output]:
    """What is said of the chords of a prompt, and what is reported of those of the project.

    `played` is what `with_prompt_chords` made of a request.
    """
    music = MusicalRange(played.timeline, played.tempo)
    if played.timeline.chords:
        yield TaskReport({"chord_bars": chords_report(music)})
    if played is not request:
        yield Remark(chords_sentence(music))
    elif parse_prompt(request.params.prompt).chords:
        yield Remark("The prompt's chords were ignored, because other chords are given.")
