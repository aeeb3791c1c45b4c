"""Tools that write words and notes: a song from an idea, a score from a project, a MIDI file or a job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer, Resolve
from pydantic import Field

from bandmate.arguments import without_none
from bandmate_bridge.outputs.score_file import check_score_file, write_score
from bandmate_bridge.projects import load_project
from bandmate_bridge.requests.score_timeline import midi_score, project_score
from bandmate_bridge.runs.job_score import job_timeline
from bandmate_mcp.arguments import Engine, Seed
from bandmate_mcp.calls import ToolCall, run_call
from bandmate_mcp.consent import Consent, ask_overwrite, check_agreed, is_replaced
from bandmate_mcp.hints import ADDS, REPLACES
from bandmate_plugins._score.abc_writer import write_abc
from bandmate_plugins._score.from_timeline import score_of
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Timeline
from bandmate_protocol.texts import say

_MAX_TEXT = 24_000
"""Characters of a score that are handed back."""


async def write_song(
    ctx: Context,
    idea: Annotated[str, Field(max_length=4096, description="What the song is about, and its sound.")] = "",
    lyrics: Annotated[str, Field(max_length=4096, description="Only with `tidy`.")] = "",
    tidy: Annotated[bool, Field(description="Put idea and lyrics into shape instead of writing.")] = False,
    instrumental: bool = False,
    language: Annotated[str | None, Field(description="Of the lyrics, such as en or pt.")] = None,
    bpm: Annotated[float | None, Field(gt=0)] = None,
    metre: Annotated[str | None, Field(description="2/4, 3/4, 4/4 or 6/8.")] = None,
    key: Annotated[str | None, Field(description='Such as "A minor".')] = None,
    seconds: Annotated[float | None, Field(gt=0)] = None,
    engine: Engine = None,
    seed: Seed = None,
) -> dict[str, Any]:
    """Write a song in words: prompt, lyrics, tempo, metre and key. What is given stays as it is. Without a planner
    of ACE-Step there are no lyrics. Makes no audio; `generate` does, from the prompt.
    """
    given = without_none({"language": language, "bpm": bpm, "metre": metre, "key": key, "seconds": seconds})

    def work(call: ToolCall) -> dict[str, Any]:
        job = call.session.write(
            idea,
            lyrics=lyrics,
            tidy=tidy,
            instrumental=instrumental,
            engine=engine,
            seed=seed,
            progress=call.listener,
            **given,
        )
        result = job.wait()
        facts = {"job": result.job, "engine": result.engine, "seed": result.seed}
        return {**facts, "song": result.report, "remarks": list(result.remarks)}

    return await run_call(ctx, work)


async def write_score_of(
    ctx: Context,
    source: Annotated[str, Field(description="A project (.rpp), a MIDI file, or a job's id.")],
    overwrite: Annotated[Consent, Resolve(ask_overwrite)],
    output: Annotated[
        str | None,
        Field(description="A file to write: .abc or .musicxml. Without it, the score is handed back as ABC."),
    ] = None,
    section: Annotated[str | None, Field(description="Only this section of a project.")] = None,
    voice: Annotated[str | None, Field(description="Only this MIDI track, or stem of the job.")] = None,
    key: Annotated[str | None, Field(description="Default: from the notes.")] = None,
    title: str | None = None,
) -> dict[str, Any]:
    """Write chords and melody as a score, from the notes and chords that are written there; audio is not transcribed.
    A project is written from its time selection, else whole.
    """
    check_agreed(overwrite, "Give another name for `output`.")
    replaces = output is not None and is_replaced(output)

    def work(call: ToolCall) -> dict[str, Any]:
        if output is not None:
            check_score_file(Path(output), replace=replaces)
        timeline, name = _source_timeline(call, source, section, voice, key)
        score = score_of(timeline, title or name)
        facts: dict[str, Any] = {
            "bars": len(score.bars),
            "voices": [one.name for one in score.voices],
            "remarks": list(score.remarks),
        }
        if output is not None:
            write_score(Path(output), score, replace=replaces)
            return {**facts, "file": output}
        return {**facts, "abc": _short_text(write_abc(score))}

    return await run_call(ctx, work)


def add_writing_tools(server: MCPServer) -> None:
    """Adds the two tools."""
    server.add_tool(write_song, annotations=ADDS)
    server.add_tool(write_score_of, name="write_score", annotations=REPLACES)


def _source_timeline(
    call: ToolCall, source: str, section: str | None, voice: str | None, key: str | None
) -> tuple[Timeline, str]:
    """The music of a source, and a title for it. Raises RequestError."""
    file = Path(source)
    if file.suffix.lower() == ".rpp":
        return project_score(load_project(file), (section,) if section else (), voice, key), file.stem
    if section is not None:
        raise RequestError(
            ErrorCode.BAD_PARAMS, "Only a project has sections.", "Leave `section` out, or give a project."
        )
    if file.suffix:
        return midi_score(file, voice, key), file.stem
    if key is not None:
        raise RequestError(ErrorCode.BAD_PARAMS, "A job has its own key.", "Leave `key` out.")
    return job_timeline(call.client, source, voice, call.progress)


def _short_text(text: str) -> str:
    if len(text) > _MAX_TEXT:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("The score has {most} characters, too many to hand back.", most=len(text)),
            "Give `output`, or a `section` or `voice`.",
        )
    return text
