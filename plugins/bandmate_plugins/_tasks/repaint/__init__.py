"""The task `repaint`: renders ranges of a recording anew, and joins them to what is around them.

docs/repaint.md says how. This module is the plugin, and light: numpy comes with the first job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.generate import Prompt
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
from bandmate_protocol.messages import Timeline
from bandmate_protocol.units import Label, Seed, WholeFrames

MAX_RANGES = 64


class FrameRange(msgspec.Struct, frozen=True):
    """A range in absolute frames of the project."""

    start_frame: WholeFrames
    end_frame: WholeFrames
    """Exclusive."""


class SourceJob(msgspec.Struct, frozen=True):
    """The job that made the source, where it was made here: an engine may then repaint it from its notes."""

    prompt: Prompt
    seed: Seed
    timeline: Timeline
    """Of that job, not of this one."""
    part: Label = ""
    """The stem that the source is; empty for a mix of all of them."""
    key: Label = ""
    """The key that it is in, from that job's report."""
    sound: Literal["auto", "own", "soundfont"] = "auto"
    soundfont: Annotated[str, Meta(max_length=64)] = ""
    pattern: Annotated[str, Meta(max_length=2_000)] = ""
    only: Annotated[str, Meta(max_length=400)] = ""
    """The options of `sketch` that it was played with."""


class InpaintParams(msgspec.Struct, frozen=True):
    """What an engine is told of a range that it makes anew, whichever task asks."""

    prompt: Prompt = ""
    part: Annotated[
        Label,
        Meta(
            title="What plays there",
            description="drums, bass, keys, lead, an instrument or the track's name; detected if empty",
        ),
    ] = ""
    lyrics: Lyrics = ""
    language: Language = "unknown"


class RepaintParams(InpaintParams, frozen=True):
    """What `repaint` takes."""

    ranges: Annotated[
        tuple[FrameRange, ...],
        Meta(
            max_length=MAX_RANGES,
            title="Ranges",
            description="In frames of the project, in order and not overlapping; the selection if empty",
        ),
    ] = ()
    recipe: Annotated[
        SourceJob | None,
        Meta(title="Recipe", description="The job that made the source, if Bandmate made it"),
    ] = None
    chords: Chords = ""

    def __post_init__(self) -> None:
        """Checks the ranges and the chords.

        Raises ValueError, which becomes `bad_params`, for ranges that are empty or out of order, and
        RequestError (`bad_params`) for chords that cannot be read.
        """
        check_chords(self.chords)
        for span in self.ranges:
            if span.end_frame <= span.start_frame:
                raise ValueError(
                    f"the range from frame {span.start_frame} to {span.end_frame} is empty; "
                    "a range ends after it starts"
                )
        for before, after in pairwise(self.ranges):
            if after.start_frame < before.end_frame:
                raise ValueError(
                    f"the range that starts at frame {after.start_frame} begins before the one that ends at frame "
                    f"{before.end_frame}; give the ranges in order, without overlaps"
                )


class RepaintTask(EngineTask[RepaintParams]):
    """Regenerates a range of a take to fit the audio around it, with inaudible seams."""

    name = "repaint"
    title = "Repaint"
    Params = RepaintParams
    ability = "inpaint"
    source = "required"
    result = "take"
    result_title = "repainted"
    listens = True
    takes_ranges = True
    order = 20

    def run_engine(
        self, request: TaskRequest[RepaintParams], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Asks the engine for each range, and splices what it gives."""
        from bandmate_plugins._tasks.repaint.work import repaint_source

        request = with_given_chords(request)
        yield from repaint_source(request, engine, context)
        yield from given_chords_outputs(request)


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(RepaintTask())
