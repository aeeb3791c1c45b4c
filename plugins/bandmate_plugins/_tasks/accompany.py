"""The task `accompany`: parts to go along with what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.generate import Level
from bandmate_plugins._tasks.vocals import Language, Lyrics
from bandmate_plugins.hooks import hookimpl
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


class AccompanyTask(EngineTask[AccompanyParams]):
    """Backs a vocal or a solo part, or adds single parts to a mix, and leaves room for the source."""

    name = "accompany"
    title = "Accompany"
    Params = AccompanyParams
    ability = "accompany"
    source = "required"
    result = "tracks"
    follows_chords = True
    order = 40


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(AccompanyTask())
