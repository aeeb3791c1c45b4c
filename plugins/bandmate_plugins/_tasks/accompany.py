"""The task `accompany`: parts to go along with what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.cover import TrackerUsed
from bandmate_plugins._tasks.model_params import (
    Checkpoint,
    Guidance,
    Language,
    Lyrics,
    Mask,
    Sampler,
    SamplingSteps,
    Track,
)
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import Task


class AccompanyParams(msgspec.Struct, frozen=True):
    """What `accompany` takes."""

    prompt: Annotated[
        str,
        Meta(
            max_length=10_000,
            title="Prompt",
            description="Who plays along: a style for a whole backing, or single parts such as "
            "`add a shaker` or `strings pad`",
        ),
    ] = ""
    mix: Annotated[
        bool, Meta(title="Mixed", description="One stereo mix in place of a stem for each part")
    ] = False
    match_loudness: Annotated[
        bool,
        Meta(title="Match loudness", description="As loud as goes with the source; else as `generate`"),
    ] = True
    tracker: TrackerUsed = ""
    layer: Annotated[
        Literal["auto", "backing"] | Track,
        Meta(
            title="Layer",
            description="For a model: a whole backing, or the one track to add; auto goes by the prompt",
        ),
    ] = "auto"
    lyrics: Lyrics = ""
    language: Language = "unknown"
    model: Checkpoint = ""
    steps: SamplingSteps | None = None
    guidance: Guidance | None = None
    sampler: Sampler = "ode"
    mask: Mask = "explicit"


class AccompanyTask(Task):
    """Backs a vocal or a solo part, or adds single parts to a mix, and leaves room for what is there."""

    name = "accompany"
    title = "Accompany"
    Params = AccompanyParams
    ability = "accompany"
    source = "required"
    result = "tracks"
    follows_chords = True
    order = 40

    def run(
        self, request: TaskRequest[Any], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        """Passes the request on to the engine."""
        assert engine is not None, "a task with an ability is given an engine"
        yield from engine.accompany(request, context)


@hookimpl
def bandmate_tasks(register: Callable[[Task], None]) -> None:
    """Registers the task of this module."""
    register(AccompanyTask())
