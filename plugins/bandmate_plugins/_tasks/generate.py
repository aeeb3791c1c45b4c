"""The tasks `generate` and `suggest`: music from words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

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

Prompt = Annotated[
    str,
    Meta(max_length=10_000, title="Prompt", description="What it should sound like, in your own words"),
]


SoundWish = Annotated[
    Literal["auto", "own", "soundfont"],
    Meta(
        title="Sound",
        description="Acoustic instruments from a SoundFont: if there is one, never, or always",
    ),
]
SoundFontUsed = Annotated[
    str,
    Meta(
        max_length=64,
        title="SoundFont used",
        description="What it was played from, filled in by the job: a SoundFont's SHA-256, or none",
        extra_json_schema={"readOnly": True},
    ),
]


class SuggestParams(msgspec.Struct, frozen=True):
    """What `suggest` takes."""

    prompt: Prompt = ""


class GenerateParams(msgspec.Struct, frozen=True):
    """What `generate` takes."""

    prompt: Prompt = ""
    mix: Annotated[
        bool, Meta(title="Mixed", description="One stereo mix in place of a stem for each part")
    ] = False
    match_loudness: Annotated[
        bool, Meta(title="Match loudness", description="As loud as the audio around it, if there is any")
    ] = True
    sound: SoundWish = "auto"
    soundfont: SoundFontUsed = ""
    lyrics: Lyrics = ""
    language: Language = "unknown"
    model: Checkpoint = ""
    steps: SamplingSteps | None = None
    guidance: Guidance | None = None
    sampler: Sampler = "ode"


class GenerateTask(Task):
    """Makes new parts from a prompt, in the project's tempo, metre and key."""

    name = "generate"
    title = "Generate"
    Params = GenerateParams
    ability = "text"
    result = "tracks"
    listens = True
    order = 10

    def run(
        self, request: TaskRequest[Any], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        """Passes the request on to the engine."""
        assert engine is not None, "a task with an ability is given an engine"
        yield from engine.text(request, context)


class SuggestTask(Task):
    """Says which tempo, metre and key a prompt asks for, where no project has decided them."""

    name = "suggest"
    title = "Suggest tempo and key"
    Params = SuggestParams
    ability = "text"
    result = "report"
    hidden = True

    def run(
        self, request: TaskRequest[Any], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        """Passes the request on to the engine."""
        assert engine is not None, "a task with an ability is given an engine"
        yield from engine.suggest(request, context)


@hookimpl
def bandmate_tasks(register: Callable[[Task], None]) -> None:
    """Registers the tasks of this module."""
    register(GenerateTask())
    register(SuggestTask())
