"""The task `write`: a song in words, from an idea or from notes that need tidying."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.vocals import Language, Lyrics
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import EngineTask, Task
from bandmate_protocol.errors import ErrorCode, RequestError

WrittenMetre = Literal["", "2/4", "3/4", "4/4", "6/8"]
"""Metres of a written song; empty leaves it open."""


class WriteParams(msgspec.Struct, frozen=True):
    """What `write` takes. What is empty is left open, and written too."""

    prompt: Annotated[
        str, Meta(max_length=4_096, title="Idea", description="What the song is about, and how it sounds")
    ] = ""
    lyrics: Lyrics = ""
    tidy: Annotated[
        bool,
        Meta(title="Tidy", description="Put the prompt and lyrics into shape rather than writing new ones"),
    ] = False
    instrumental: Annotated[bool, Meta(title="Instrumental", description="Write no lyrics")] = False
    language: Language = "unknown"
    bpm: (
        Annotated[float, Meta(ge=1.0, le=2_000.0, title="Tempo", extra_json_schema={"unit": "bpm"})] | None
    ) = None
    key: Annotated[str, Meta(max_length=64, title="Key", description="Such as A minor")] = ""
    metre: Annotated[WrittenMetre, Meta(title="Metre")] = ""
    seconds: (
        Annotated[float, Meta(ge=1.0, le=600.0, title="Length", extra_json_schema={"unit": "s"})] | None
    ) = None


class WriteTask(EngineTask[WriteParams]):
    """Writes a song in words: a prompt, lyrics, tempo, metre and key, from an idea."""

    name = "write"
    title = "Write a song"
    Params = WriteParams
    ability = "text"
    result = "report"
    optional_for_engines = True
    named_options = True
    order = 70

    def run_engine(
        self, request: TaskRequest[WriteParams], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Asks the engine. Raises RequestError (`bad_params`) where there is nothing to write about."""
        params = request.params
        if not (params.prompt.strip() or (params.tidy and params.lyrics.strip())):
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                "There is nothing to write about.",
                'Give an idea, such as "a slow song about rain", or with `tidy` a prompt or lyrics.',
            )
        if params.lyrics.strip() and not params.tidy:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                "An idea is written without lyrics of your own.",
                "Set `tidy` to put your lyrics into shape, or leave them out.",
            )
        yield from engine.write(request, context)


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(WriteTask())
