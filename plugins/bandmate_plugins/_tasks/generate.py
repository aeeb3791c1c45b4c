"""The tasks `generate` and `suggest`: music from words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.follow import Follow, check_follow
from bandmate_plugins._tasks.given_chords import (
    Chords,
    check_chords,
    given_chords_outputs,
    with_given_chords,
)
from bandmate_plugins._tasks.given_notes import GivenNotes, with_given_notes
from bandmate_plugins._tasks.vocals import Language, Lyrics
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import EngineTask, Task

Prompt = Annotated[
    str,
    Meta(max_length=10_000, title="Prompt", description="What it should sound like, in your own words"),
]


Level = Annotated[
    float,
    Meta(
        ge=-24.0,
        le=12.0,
        title="Level",
        description="How much louder or softer than its usual level beside the other audio",
        extra_json_schema={"unit": "LU"},
    ),
]


class SuggestParams(msgspec.Struct, frozen=True):
    """What `suggest` takes."""

    prompt: Prompt = ""


class GenerateParams(msgspec.Struct, frozen=True):
    """What `generate` takes."""

    prompt: Prompt = ""
    mix: Annotated[
        bool, Meta(title="Mixed", description="One stereo mix instead of a stem for each part")
    ] = False
    match_loudness: Annotated[
        bool,
        Meta(
            title="Match loudness",
            description="Set the level by the audio around it, if there is any: a part sits below it, as in a mix",
        ),
    ] = True
    level: Level = 0.0
    lyrics: Lyrics = ""
    language: Language = "unknown"
    chords: Chords = ""
    notes: GivenNotes = "off"
    follow: Follow = "auto"

    def __post_init__(self) -> None:
        """Raises RequestError (`bad_params`) for chords that cannot be read, or that nothing is to follow."""
        check_chords(self.chords)
        check_follow(self.follow, self.chords)


class GenerateTask(EngineTask[GenerateParams]):
    """Makes new parts from a prompt, in the project's tempo, metre and key."""

    name = "generate"
    title = "Generate"
    Params = GenerateParams
    ability = "text"
    result = "tracks"
    listens = True
    order = 10

    def run_engine(
        self, request: TaskRequest[GenerateParams], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Asks the engine, with the given chords and notes on the timeline."""
        request = with_given_notes(with_given_chords(request))
        yield from super().run_engine(request, engine, context)
        yield from given_chords_outputs(request)


class SuggestTask(EngineTask[SuggestParams]):
    """Suggests tempo, metre and key for a prompt, where no project sets them."""

    name = "suggest"
    title = "Suggest tempo and key"
    Params = SuggestParams
    ability = "text"
    result = "report"
    hidden = True

    def run_engine(
        self, request: TaskRequest[SuggestParams], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Asks the engine."""
        yield from engine.suggest(request, context)


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the tasks of this module."""
    register(GenerateTask())
    register(SuggestTask())
