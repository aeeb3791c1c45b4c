"""The parameter `notes` of the tasks that make music: what the notes on the timeline are in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from bandmate_plugins.request import TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import MAX_GIVEN_NOTES, NOTES_OFF, Timeline
from bandmate_protocol.texts import say

P = TypeVar("P", bound=msgspec.Struct)

NotesUse = Literal["off", "only", "melody", "chords", "bass", "drums", "along"]

GivenNotes = Annotated[
    NotesUse,
    Meta(
        title="MIDI notes",
        description="Plays given notes, such as those of the selected MIDI items: only them, or as the melody, chords, "
        "bass or drums of a band, or as notes that a band plays along with",
        # A form without notes to give leaves it out.
        extra_json_schema={"needs": "notes"},
    ),
]


def with_given_notes(request: TaskRequest[P]) -> TaskRequest[P]:
    """The request, without the notes of its timeline where they are not to be played.

    Raises RequestError (`bad_params`) where notes are asked for but none are given, or too many.
    """
    use: str = request.params.notes  # type: ignore[attr-defined]
    timeline = request.timeline
    if use == NOTES_OFF:
        return _without_parts(request, timeline) if timeline.parts else request
    count = sum(len(part.notes) for part in timeline.parts)
    if not count:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "There are no notes to play.",
            "Select MIDI items in REAPER, or name a file with --midi-in or a track with --midi-track. To make music "
            "without notes, set MIDI notes to off.",
        )
    if count > MAX_GIVEN_NOTES:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "{count} notes are given, but at most {most} can be played.",
                count=count,
                most=MAX_GIVEN_NOTES,
            ),
            "Choose one track, or a shorter range.",
        )
    return request


def _without_parts(request: TaskRequest[P], timeline: Timeline) -> TaskRequest[P]:
    return replace(request, timeline=msgspec.structs.replace(timeline, parts=()))
