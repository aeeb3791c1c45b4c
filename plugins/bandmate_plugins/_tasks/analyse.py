"""The task `analyse`: what is in a piece of music, as a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.task import EngineTask, Task


class AnalyseParams(msgspec.Struct, frozen=True):
    """What `analyse` takes."""

    tempo: Annotated[
        Literal["hear", "project", "audio"],
        Meta(
            title="Tempo",
            description="hear: detect beats in the audio, and keep the project's where they agree; project: use "
            "the project's tempo map, for music played to it; audio: ignore the project",
        ),
    ] = "hear"


class AnalyseTask(EngineTask[AnalyseParams]):
    """Detects beats, tempo, metre, key, chords, sections and loudness."""

    name = "analyse"
    title = "Analyse"
    Params = AnalyseParams
    ability = "analyse"
    source = "required"
    result = "report"
    order = 60


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(AnalyseTask())
