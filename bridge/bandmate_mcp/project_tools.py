"""Tools that read: projects, recordings, the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import AudioContent, TextContent
from pydantic import Field

from bandmate_bridge.files import temporary_folder
from bandmate_bridge.projects import load_project
from bandmate_mcp.analysis_facts import analysis_facts
from bandmate_mcp.arguments import End, ProjectPath, Section, SourceFile, Start, TrackName
from bandmate_mcp.calls import ToolCall, run_call, run_locally
from bandmate_mcp.comparing import compare_analyses
from bandmate_mcp.focused_project import focus_facts
from bandmate_mcp.hints import ADDS, READS, TAKES_UP
from bandmate_mcp.job_audio import mixed_file, named_stem, receive_stems, take_file
from bandmate_mcp.onset_comparing import compare_onsets
from bandmate_mcp.previews import preview_content
from bandmate_mcp.project_facts import ProjectClock, project_facts
from bandmate_mcp.task_params import task_form, task_list
from bandmate_protocol.errors import ErrorCode, RequestError

Take = Annotated[str, Field(description="A job's id, whose stems are mixed, or the path of an audio file.")]


async def read_project(
    ctx: Context,
    project: Annotated[str, Field(description="Path of a REAPER project (.rpp).")],
    track: TrackName = None,
) -> dict[str, Any]:
    """Read what is in a project: tempo map, sections, markers, time selection, tracks, items with files and takes.
    Positions are bars ("9.1") and seconds of REAPER's ruler. Changes nothing. `track` lists the items of one track.
    """
    return await run_locally(ctx, lambda: project_facts(load_project(project), track))


async def project_in_focus(ctx: Context) -> dict[str, Any]:
    """Find out which project a call without `project` and `file` acts on, and its selection. Changes nothing."""
    return await run_call(ctx, lambda call: focus_facts(call.client.projects()))


async def list_tasks(ctx: Context) -> dict[str, Any]:
    """List the server's tasks and engines, with models that engines need. Changes nothing."""
    return await run_call(ctx, lambda call: task_list(call.session.describe()))


async def describe_task(ctx: Context, task: str) -> dict[str, Any]:
    """Get the JSON Schema of a task's parameters and of its engines' options, for `params` of other tools."""
    return await run_call(ctx, lambda call: task_form(call.session.describe(), task))


async def analyse(
    ctx: Context,
    project: ProjectPath = None,
    file: SourceFile = None,
    track: TrackName = None,
    start: Start = None,
    end: End = None,
    section: Section = None,
    write_markers: Annotated[
        bool, Field(description="Write chords as markers and sections as regions into the project.")
    ] = False,
) -> dict[str, Any]:
    """Detect tempo, metre, key, loudness (LUFS, dBTP), and for each section its energy (mean short-term LUFS), key and
    chords. Give `project` with a track, or `file`. Changes nothing unless `write_markers` is true.
    """

    def work(call: ToolCall) -> dict[str, Any]:
        _check_one_place(project, file, writes=write_markers)
        ranges: dict[str, Any] = {"start": start, "end": end, "section": section or ()}
        if file is not None:
            job = call.session.analyse(file, **ranges, progress=call.listener)
            return {"job": job.id, **analysis_facts(job.report)}
        assert project is not None, "checked above"
        opened = call.session.open(project)
        found = opened.analyse(track=track, **ranges, mark=write_markers, progress=call.listener)
        place = ProjectClock(load_project(project)).place
        return {"job": found.job, "lines": list(found.lines), **analysis_facts(found.report, place)}

    return await run_call(ctx, work)


async def compare_takes(ctx: Context, first: Take, second: Take) -> dict[str, Any]:
    """Compare two takes by measured differences: length, loudness (LUFS), true peak (dBTP), tempo, metre, key, tuning,
    where their chords differ, and onsets: those in both, how much later they are, and those in one alone. Measures
    only; it does not say which one sounds better. Changes no file.
    """

    def work(call: ToolCall) -> dict[str, Any]:
        with temporary_folder() as folder:
            files = [
                take_file(call, take, Path(folder) / name) for name, take in (("1", first), ("2", second))
            ]
            jobs = [call.session.analyse(file, progress=call.listener) for file in files]
            one, other = (job.report for job in jobs)
            onsets = compare_onsets(*files)
        return {**compare_analyses(one, other), "onsets": onsets}

    return await run_call(ctx, work)


async def preview(
    ctx: Context,
    take: Take,
    stem: Annotated[
        str | None, Field(description="One stem of the job, by name or role. Default: all.")
    ] = None,
    start_seconds: Annotated[float, Field(ge=0, description="Where the excerpt starts.")] = 0.0,
    seconds: Annotated[float, Field(gt=0, le=30, description="Length of the excerpt.")] = 15.0,
) -> list[AudioContent | TextContent]:
    """Get a short excerpt to listen to: mono MP3 at 24 kHz, up to 30 s. Changes nothing."""

    def work(call: ToolCall) -> list[AudioContent | TextContent]:
        with temporary_folder() as name:
            folder = Path(name)
            if stem is None:
                return preview_content(take_file(call, take, folder), start_seconds, seconds)
            if Path(take).is_file():
                raise RequestError(
                    ErrorCode.BAD_PARAMS, "A file has no stems.", "Leave `stem` out, or give a job's id."
                )
            chosen = named_stem(receive_stems(call, take, folder), stem)
            return preview_content(mixed_file([chosen], folder), start_seconds, seconds)

    return await run_call(ctx, work)


def add_project_tools(server: MCPServer) -> None:
    """Adds the tools that read."""
    for tool in (read_project, project_in_focus, list_tasks, describe_task):
        server.add_tool(tool, annotations=READS)
    server.add_tool(analyse, annotations=ADDS)
    server.add_tool(compare_takes, annotations=ADDS)
    server.add_tool(preview, annotations=TAKES_UP)


def _check_one_place(project: str | None, file: str | None, *, writes: bool) -> None:
    """Raises RequestError (`bad_params`) unless the call names one place that suits it."""
    if (project is None) == (file is None):
        raise RequestError(
            ErrorCode.BAD_PARAMS, "There is nothing to analyse.", "Give `project` or `file`, not both."
        )
    if writes and project is None:
        raise RequestError(
            ErrorCode.BAD_PARAMS, "Markers can only be written into a project.", "Give `project`."
        )
