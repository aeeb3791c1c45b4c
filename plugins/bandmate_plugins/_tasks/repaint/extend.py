"""The task `extend`: a recording that goes on, or is led up to, in the same vein."""

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

_BARS = {"unit": "bars"}


class ExtendParams(InpaintParams, frozen=True):
    """What `extend` takes."""

    after: Annotated[
        float,
        Meta(
            ge=0.0,
            le=256.0,
            title="After",
            description="Bars to add at the end",
            extra_json_schema=_BARS,
        ),
    ] = 4.0
    before: Annotated[
        float,
        Meta(
            ge=0.0,
            le=256.0,
            title="Before",
            description="Bars to add at the start",
            extra_json_schema=_BARS,
        ),
    ] = 0.0

    def __post_init__(self) -> None:
        """Raises ValueError, which becomes `bad_params`, where nothing is to be added."""
        if self.after <= 0 and self.before <= 0:
            raise ValueError("nothing to add; set `after` or `before` to a number of bars")


class ExtendTask(EngineTask[ExtendParams]):
    """Continues a recording, or leads up to it, in the same style; the recording itself does not change."""

    name = "extend"
    title = "Extend"
    Params = ExtendParams
    ability = "inpaint"
    source = "required"
    fills_range = False
    result = "stems"
    result_title = "extended"
    whole_items = True

    def run_engine(
        self, request: TaskRequest[ExtendParams], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Has the new ranges made as in a repaint, and puts them and the recording together."""
        from bandmate_plugins._tasks.repaint.extending import extend_source

        yield from extend_source(request, engine, context)


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(ExtendTask())
