"""A real plugin for tests: put this folder on PYTHONPATH and it is installed.

`noise` renders seeded noise at a chosen pace; `trouble` does what a bad plugin does.
"""

import itertools
import os
import time
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from misbehaviour import misbehave
from msgspec import Meta

from bandmate_plugins import (
    Engine,
    LoadedEngine,
    Note,
    Remark,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    Task,
    TaskReport,
    hookimpl,
)


class NoiseParams(msgspec.Struct, frozen=True):
    stems: int = 2
    pieces: int = 10
    delay_ms: float = 0.0
    """Before each piece."""
    track: str = "Noise"


class Noise(Task):
    """Seeded noise, a stem at a time piece by piece."""

    name = "noise"
    title = "Noise"
    Params = NoiseParams

    def run(self, request, engine, context):
        frames = request.timeline.frames
        params = request.params
        for index in range(params.stems):
            yield StemStart(f"{params.track} {index}", "other")
        borders = [frames * n // params.pieces for n in range(params.pieces + 1)]
        streams = [np.random.default_rng([request.seed, index]) for index in range(params.stems)]
        for step, (start, end) in enumerate(itertools.pairwise(borders)):
            context.check()
            time.sleep(params.delay_ms / 1000)
            yield StageProgress("Rendering", step, params.pieces)
            for index, stream in enumerate(streams):
                yield StemAudio(index, (stream.random((end - start, 2), dtype=np.float32) - 0.5) * 0.2)
        yield StemNotes(0, [Note(start=0, frames=1, pitch=60, velocity=100)])
        yield Remark("That was noise.")
        yield TaskReport({"seed": request.seed})


class TroubleParams(msgspec.Struct, frozen=True):
    kind: str = "raise"
    marker: str = ""
    """A file that says that it happened once."""
    note: str = ""
    """A file that learns the number of a process that it leaves behind."""


class Trouble(Task):
    """Does what a bad plugin does."""

    name = "trouble"
    title = "Trouble"
    Params = TroubleParams

    def run(self, request, engine, context):
        frames = request.timeline.frames
        yield StemStart("Trouble", "other")
        half = np.zeros((frames // 2, 2), np.float32)
        yield StemAudio(0, half)
        first = bool(request.params.marker) and not Path(request.params.marker).exists()
        if first:
            Path(request.params.marker).write_text("once")
        if first or not request.params.marker:
            misbehave(request.params.kind, request.params.note)
            if request.params.kind == "nan":
                yield StemAudio(0, half * np.nan)
            if request.params.kind == "short":
                return
            if request.params.kind == "long_report":
                yield TaskReport({"numbers": list(range(20_000))})
        rest = np.linspace(0, 0.5, 2 * (frames - len(half)), dtype=np.float32).reshape(-1, 2)
        for part in np.array_split(rest, 8):
            yield StemAudio(0, np.ascontiguousarray(part))


class Gain(Task):
    """Gives the source back, louder or softer, at the project's rate."""

    name = "gain"
    title = "Gain"
    source = "required"

    class Params(msgspec.Struct, frozen=True):
        factor: float = 1.0

    def run(self, request, engine, context):
        source = request.input("source")
        yield StemStart("Gain", "other", channels=source.channels, frames=source.frames)
        for start in range(0, source.frames, 10_000):
            yield StemAudio(0, source.read(start, 10_000) * np.float32(request.params.factor))


class DoubleOptions(msgspec.Struct, frozen=True):
    level: Annotated[int, Meta(ge=0, le=9, title="Level", extra={"unit": "dB"})] = 3
    finish: Annotated[
        Literal["matt", "gloss"], Meta(title="Finish", extra_json_schema={"advanced": True})
    ] = "matt"
    swing: Annotated[bool, Meta(title="Swing", extra_json_schema={"abilities": ["text"]})] = False
    """Of an ability that the engine lacks."""


class DoubleEngine(Engine):
    """An engine on the device lane."""

    name = "double"
    title = "Double"
    placement = "device"
    Options = DoubleOptions

    def load(self, device, tier) -> "LoadedDouble":
        return LoadedDouble(device, tier)


class LoadedDouble(LoadedEngine):
    Options = DoubleOptions

    def __init__(self, device, tier):
        self.where = {"device": device, "tier": tier}

    def analyse(self, request, context):
        if request.params.fail_full and self.where["tier"] == "full":
            raise MemoryError
        given = msgspec.to_builtins(request.options)
        usual = msgspec.to_builtins(DoubleOptions())
        options = {name: value for name, value in given.items() if value != usual[name]}
        yield TaskReport(self.where | options)


class Where(Task):
    """Says where its engine runs."""

    name = "where"
    title = "Where"
    ability = "analyse"

    class Params(msgspec.Struct, frozen=True):
        fail_full: bool = False

    def run(self, request, engine, context):
        yield from engine.analyse(request, context)


class Setting(Task):
    """Says what the environment of its worker has."""

    name = "setting"
    title = "Setting"

    class Params(msgspec.Struct, frozen=True):
        name: str = "BANDMATE_SOUNDFONT"

    def run(self, request, engine, context):
        yield TaskReport({"value": os.environ.get(request.params.name, "")})


@hookimpl
def bandmate_tasks(register):
    for task in (Noise(), Trouble(), Gain(), Where(), Setting()):
        register(task)


@hookimpl
def bandmate_engines(register):
    register(DoubleEngine())


@hookimpl
def bandmate_executors(register):
    register("refusing", RefusingExecutor)


class RefusingExecutor:
    """An executor that does no job and says so."""

    def __init__(self, settings, store, shelf):
        self.settings = settings

    async def run(self, job, spool):
        from bandmate_protocol.errors import ErrorCode
        from bandmate_server.workers import AttemptEnded

        yield AttemptEnded(None, ErrorCode.ENGINE_UNAVAILABLE, f"No machine takes {job.id}.")

    def cancel(self, job):
        pass

    async def warm(self):
        pass

    async def close(self):
        pass
