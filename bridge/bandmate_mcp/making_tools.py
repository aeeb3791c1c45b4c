"""Tools that make music: into a project, into the project in focus, or as files."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer, Resolve
from pydantic import Field

from bandmate_mcp.arguments import (
    Alone,
    Bars,
    Bpm,
    End,
    Engine,
    KeyName,
    Metre,
    OutputPath,
    Params,
    ProjectPath,
    Seconds,
    Section,
    Seed,
    SourceFile,
    Start,
    TrackName,
)
from bandmate_mcp.calls import run_call
from bandmate_mcp.consent import Consent, ask_overwrite, check_agreed, is_replaced
from bandmate_mcp.hints import REPLACES
from bandmate_mcp.task_calls import TaskCall

Overwrite = Annotated[Consent, Resolve(ask_overwrite)]
Prompt = Annotated[str, Field(max_length=4096, description="What shall play, in words.")]
Strength = Annotated[float, Field(ge=0, le=1, description="How far it may leave the original, 0 to 1.")]
Chords = Annotated[
    str | None, Field(description='Chord chart, one bar each, such as "Am | F | C G". Default: detected.')
]


async def generate(
    ctx: Context,
    prompt: Prompt,
    overwrite: Overwrite,
    project: ProjectPath = None,
    output: OutputPath = None,
    at: Start = None,
    bars: Bars = None,
    seconds: Seconds = None,
    section: Section = None,
    track: TrackName = None,
    bpm: Bpm = None,
    metre: Metre = None,
    key: KeyName = None,
    chords: Chords = None,
    alone: Alone = False,
    engine: Engine = None,
    seed: Seed = None,
    params: Params = None,
) -> dict[str, Any]:
    """Make new parts from words, 8 bars unless a length is given. In a project: new tracks that follow its tempo,
    chords and level, as one undo step; existing items stay. With `output` and no project: audio files.
    """
    where = {"at": at, "bars": bars, "seconds": seconds, "section": section, "track": track, "alone": alone}
    return await _run(
        ctx,
        overwrite,
        TaskCall(
            "generate",
            project,
            output=output,
            makes_new=True,
            where=where,
            tempo={"bpm": bpm, "metre": metre},
            given={"prompt": prompt, "key": key, "chords": chords},
            engine=engine,
            seed=seed,
            params=params,
        ),
    )


async def repaint(
    ctx: Context,
    overwrite: Overwrite,
    prompt: Prompt = "",
    project: ProjectPath = None,
    file: SourceFile = None,
    output: OutputPath = None,
    track: TrackName = None,
    start: Start = None,
    end: End = None,
    section: Section = None,
    key: KeyName = None,
    alone: Alone = False,
    engine: Engine = None,
    seed: Seed = None,
    params: Params = None,
) -> dict[str, Any]:
    """Make a range of a recording again, fitted to what is around it. In a project: a new take of that range, as
    one undo step; the old take stays. On a file: a copy in which no byte outside of the range differs.
    """
    where = {"track": track, "start": start, "end": end, "section": section, "alone": alone}
    given = {"prompt": prompt, "key": key}
    asked = TaskCall(
        "repaint", project, file, output, where=where, given=given, engine=engine, seed=seed, params=params
    )
    return await _run(ctx, overwrite, asked)


async def cover(
    ctx: Context,
    prompt: Prompt,
    overwrite: Overwrite,
    project: ProjectPath = None,
    file: SourceFile = None,
    output: OutputPath = None,
    track: TrackName = None,
    start: Start = None,
    end: End = None,
    section: Section = None,
    strength: Strength = 0.5,
    key: KeyName = None,
    alone: Alone = False,
    engine: Engine = None,
    seed: Seed = None,
    params: Params = None,
) -> dict[str, Any]:
    """Play a recording again in another style. In a project: on a new track, as one undo step."""
    where = {"track": track, "start": start, "end": end, "section": section, "alone": alone}
    given = {"prompt": prompt, "strength": strength, "key": key}
    asked = TaskCall(
        "cover", project, file, output, where=where, given=given, engine=engine, seed=seed, params=params
    )
    return await _run(ctx, overwrite, asked)


async def accompany(
    ctx: Context,
    prompt: Prompt,
    overwrite: Overwrite,
    project: ProjectPath = None,
    file: SourceFile = None,
    output: OutputPath = None,
    track: TrackName = None,
    start: Start = None,
    end: End = None,
    section: Section = None,
    key: KeyName = None,
    chords: Chords = None,
    alone: Alone = False,
    engine: Engine = None,
    seed: Seed = None,
    params: Params = None,
) -> dict[str, Any]:
    """Make a backing for a voice or a solo, or add a part to a mix ("add a shaker"). In a project: new tracks, as one
    undo step.
    """
    where = {"track": track, "start": start, "end": end, "section": section, "alone": alone}
    given = {"prompt": prompt, "key": key, "chords": chords}
    asked = TaskCall(
        "accompany", project, file, output, where=where, given=given, engine=engine, seed=seed, params=params
    )
    return await _run(ctx, overwrite, asked)


async def extend(
    ctx: Context,
    overwrite: Overwrite,
    after: Annotated[float | None, Field(gt=0, description="Bars to add at the end.")] = None,
    before: Annotated[float | None, Field(gt=0, description="Bars to add at the start.")] = None,
    prompt: Prompt = "",
    project: ProjectPath = None,
    file: SourceFile = None,
    output: OutputPath = None,
    track: TrackName = None,
    key: KeyName = None,
    engine: Engine = None,
    seed: Seed = None,
    params: Params = None,
) -> dict[str, Any]:
    """Add bars to a recording; 4 at its end by default. In a project: the longer version goes on a track below and the
    item is muted, as one undo step.
    """
    given = {"prompt": prompt, "after": after, "before": before, "key": key}
    asked = TaskCall(
        "extend",
        project,
        file,
        output,
        where={"track": track},
        given=given,
        engine=engine,
        seed=seed,
        params=params,
    )
    return await _run(ctx, overwrite, asked)


async def loop(
    ctx: Context,
    overwrite: Overwrite,
    seam: Annotated[float | None, Field(gt=0, description="Beats at the end that are made again.")] = None,
    prompt: Prompt = "",
    project: ProjectPath = None,
    file: SourceFile = None,
    output: OutputPath = None,
    track: TrackName = None,
    start: Start = None,
    end: End = None,
    key: KeyName = None,
    engine: Engine = None,
    seed: Seed = None,
    params: Params = None,
) -> dict[str, Any]:
    """Make a recording repeat without a seam. In a project: a new take, as one undo step; the old take stays."""
    where = {"track": track, "start": start, "end": end}
    given = {"prompt": prompt, "seam": seam, "key": key}
    asked = TaskCall(
        "loop", project, file, output, where=where, given=given, engine=engine, seed=seed, params=params
    )
    return await _run(ctx, overwrite, asked)


async def separate(
    ctx: Context,
    overwrite: Overwrite,
    mode: Annotated[
        str,
        Field(
            description="four (drums, bass, vocals, other), six, two (vocals, instrumental), drums or tracks."
        ),
    ] = "four",
    stems: Annotated[str, Field(description='Stems to keep, such as "drums,bass". Default: all.')] = "",
    project: ProjectPath = None,
    file: SourceFile = None,
    output: OutputPath = None,
    track: TrackName = None,
    start: Start = None,
    end: End = None,
    section: Section = None,
    engine: Engine = None,
    seed: Seed = None,
    params: Params = None,
) -> dict[str, Any]:
    """Split a mix into stems that add up to it. In a project: a folder of tracks below the source, as one undo step;
    the source keeps playing.
    """
    where = {"track": track, "start": start, "end": end, "section": section}
    given = {"mode": mode, "stems": stems}
    asked = TaskCall(
        "separate", project, file, output, where=where, given=given, engine=engine, seed=seed, params=params
    )
    return await _run(ctx, overwrite, asked)


def add_making_tools(server: MCPServer) -> None:
    """Adds the seven tools."""
    for tool in (generate, repaint, cover, accompany, extend, loop, separate):
        server.add_tool(tool, annotations=REPLACES)


async def _run(ctx: Context, overwrite: Consent, asked: TaskCall) -> dict[str, Any]:
    check_agreed(overwrite, "Give another name for `output`.")
    replaces = asked.output is not None and is_replaced(asked.output)
    return await run_call(ctx, replace(asked, overwrite=replaces).run)
