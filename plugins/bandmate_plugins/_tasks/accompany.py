"""The task `accompany`: parts to go along with what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.follow import Follow, check_follow
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
        bool, Meta(title="Mixed", description="One stereo mix instead of a stem for each part")
    ] = False
    match_loudness: Annotated[
        bool,
        Meta(
            title="Match loudness", description="Match the loudness to the source; otherwise as in `generate`"
        ),
    ] = True
    level: Level = 0.0
    lyrics: Lyrics = ""
    language: Language = "unknown"
    chords: Chords = ""
    follow: Follow = "auto"

    def __post_init__(self) -> None:
        """Raises RequestError (`bad_params`) for chords that cannot be read, or that nothing is to follow."""
        check_chords(self.chords)
        check_follow(self.follow, self.chords)


class AccompanyTask(EngineTask[AccompanyParams]):
    """Backs a vocal or a solo part, or adds single parts to a mix, and leaves room for the source."""

    name = "accompany"
    title = "Accompany"
    Params = AccompanyParams
    ability = "accompany"
    source = "required"
    result = "tracks"
    listens = True
    follows_chords = True
    order = 40

    def run_engine(
        self, request: TaskRequest[AccompanyParams], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Asks the engine, with the given chords on the timeline."""
        request = with_given_chords(request)
        yield from super().run_engine(request, engine, context)
        yield from given_chords_outputs(request)


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(AccompanyTask())
