"""The task `cover`: the same piece by another band."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.model_params import (
    Checkpoint,
    Guidance,
    Language,
    Lyrics,
    Sampler,
    SamplingSteps,
)
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import Task

TrackerUsed = Annotated[
    str,
    Meta(
        max_length=64,
        title="Tracker used",
        description="What followed the pitch of a voice by itself, filled in by the job: "
        "own, or swift-f0 with its version",
        extra_json_schema={"advanced": True},
    ),
]


class CoverParams(msgspec.Struct, frozen=True):
    """What `cover` takes."""

    prompt: Annotated[
        str,
        Meta(
            max_length=10_000,
            title="Prompt",
            description="Who plays it, and how: `as a string quartet`, `8-bit`, `jazz trio`",
        ),
    ] = ""
    strength: Annotated[
        float,
        Meta(
            ge=0.0,
            le=1.0,
            title="Strength",
            description="How far it may leave the original: 0 keeps its notes and rhythm, "
            "1 plays the style's own over its chords and form",
        ),
    ] = 0.5
    mix: Annotated[
        bool, Meta(title="Mixed", description="One stereo mix in place of a stem for each part")
    ] = False
    match_loudness: Annotated[bool, Meta(title="Match loudness", description="As loud as the original")] = (
        True
    )
    tracker: TrackerUsed = ""
    lyrics: Lyrics = ""
    language: Language = "unknown"
    model: Checkpoint = ""
    steps: SamplingSteps | None = None
    guidance: Guidance | None = None
    sampler: Sampler = "ode"
    noise_start: Annotated[
        float,
        Meta(
            ge=0.0,
            le=1.0,
            title="Noise start",
            description="For a model: how near to the recording itself it sets out; 0 from nothing but noise",
            extra_json_schema={"advanced": True},
        ),
    ] = 0.0


class CoverTask(Task):
    """Plays a recording again in another style, with its timing, its form and its melody."""

    name = "cover"
    title = "Cover"
    Params = CoverParams
    ability = "variation"
    source = "required"
    result = "tracks"
    can_be_take = True
    mixed = True
    follows_chords = True
    order = 30

    def run(
        self, request: TaskRequest[Any], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        """Passes the request on to the engine."""
        assert engine is not None, "a task with an ability is given an engine"
        yield from engine.variation(request, context)


@hookimpl
def bandmate_tasks(register: Callable[[Task], None]) -> None:
    """Registers the task of this module."""
    register(CoverTask())
