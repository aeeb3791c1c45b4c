"""The task `cover`: the same piece by another band."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.generate import Level
from bandmate_plugins._tasks.given_chords import (
    Chords,
    check_chords,
    given_chords_outputs,
    with_given_chords,
)
from bandmate_plugins._tasks.vocals import Language, Lyrics
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import EngineTask, Task


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
            description="How far the result may depart from the original: 0 keeps its notes and rhythm, 1 plays "
            "the style's own over its chords and form",
        ),
    ] = 0.5
    mix: Annotated[
        bool, Meta(title="Mixed", description="One stereo mix instead of a stem for each part")
    ] = False
    match_loudness: Annotated[
        bool, Meta(title="Match loudness", description="Match the loudness of the original")
    ] = True
    level: Level = 0.0
    lyrics: Lyrics = ""
    language: Language = "unknown"
    chords: Chords = ""

    def __post_init__(self) -> None:
        """Raises RequestError (`bad_params`) for chords that cannot be read."""
        check_chords(self.chords)


class CoverTask(EngineTask[CoverParams]):
    """Plays a recording in another style, with its timing, its form and its melody."""

    name = "cover"
    title = "Cover"
    Params = CoverParams
    ability = "variation"
    source = "required"
    result = "tracks"
    can_be_take = True
    mixed = True
    listens = True
    follows_chords = True
    order = 30

    def run_engine(
        self, request: TaskRequest[CoverParams], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Asks the engine, with the given chords on the timeline."""
        request = with_given_chords(request)
        yield from super().run_engine(request, engine, context)
        yield from given_chords_outputs(request)


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(CoverTask())
