"""The task `analyse`: what is in a piece of music, as a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import Task


class AnalyseParams(msgspec.Struct, frozen=True):
    """What `analyse` takes."""

    tempo: Annotated[
        Literal["hear", "project", "audio"],
        Meta(
            title="Tempo",
            description="hear: find the beats in the audio, and keep the project's where they agree; "
            "project: use the project's tempo map, for music played to it; audio: ignore the project",
        ),
    ] = "hear"


class AnalyseTask(Task):
    """Finds beats, tempo, metre, key, chords, sections and loudness."""

    name = "analyse"
    title = "Analyse"
    Params = AnalyseParams
    ability = "analyse"
    source = "required"
    result = "report"
    order = 60

    def run(
        self, request: TaskRequest[Any], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        """Passes the request on to the engine."""
        assert engine is not None, "a task with an ability is given an engine"
        yield from engine.analyse(request, context)


@hookimpl
def bandmate_tasks(register: Callable[[Task], None]) -> None:
    """Registers the task of this module."""
    register(AnalyseTask())
