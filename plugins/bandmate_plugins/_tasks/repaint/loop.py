"""The task `loop`: a recording that can be repeated without a seam."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from msgspec import Meta

from bandmate_plugins._tasks.repaint import InpaintParams
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import EngineTask, Task


class LoopParams(InpaintParams, frozen=True):
    """What `loop` takes."""

    seam: Annotated[
        float,
        Meta(
            ge=0.25,
            le=64.0,
            title="Seam",
            description="Beats to regenerate, half of them at the end and half at the start",
            extra_json_schema={"unit": "beats"},
        ),
    ] = 2.0


class LoopTask(EngineTask[LoopParams]):
    """Makes the end of a recording run into its start, so that it repeats without a seam."""

    name = "loop"
    title = "Make it loop"
    Params = LoopParams
    ability = "inpaint"
    source = "required"
    result = "tracks"

    def run_engine(
        self, request: TaskRequest[LoopParams], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Has the seam made anew as in a repaint, on the recording played twice."""
        from bandmate_plugins._tasks.repaint.looping import loop_source

        yield from loop_source(request, engine, context)


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(LoopTask())
