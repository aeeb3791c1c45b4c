"""Jobs and stems as resources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError

from bandmate_bridge.files import temporary_folder
from bandmate_bridge.history.job_list import visible_jobs
from bandmate_mcp.calls import ToolCall, run_call
from bandmate_mcp.job_audio import receive_stems
from bandmate_mcp.job_facts import job_facts, job_line
from bandmate_mcp.previews import MAX_PREVIEW_SECONDS, MIME_TYPE, audio_preview
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

Answer = TypeVar("Answer")

_MAX_JOBS = 50
_JSON = "application/json"


async def read_jobs() -> dict[str, Any]:
    """The newest 50 jobs of the server."""
    return await _read(None, _newest_jobs)


async def read_job(ctx: Context, job: str) -> dict[str, Any]:
    """What the server knows of a job."""
    return await _read(ctx, lambda call: job_facts(call.client.job(job)))


async def read_stem(ctx: Context, job: str, stem: int) -> bytes:
    """The first 30 s of a stem, by its number from 0: mono MP3 at 24 kHz."""
    return await _read(ctx, lambda call: _stem_preview(call, job, stem))


def add_resources(server: MCPServer) -> None:
    """Adds the list of jobs, a job, and the first half minute of a stem."""
    server.resource("bandmate://jobs", title="Newest jobs", mime_type=_JSON)(read_jobs)
    server.resource("bandmate://jobs/{job}", title="Job", mime_type=_JSON)(read_job)
    server.resource("bandmate://jobs/{job}/stems/{stem}", title="Preview of a stem", mime_type=MIME_TYPE)(
        read_stem
    )


async def _read(ctx: Context | None, work: Callable[[ToolCall], Answer]) -> Answer:
    try:
        return await run_call(ctx, work)
    except ToolError as error:
        raise ResourceError(str(error)) from error


def _newest_jobs(call: ToolCall) -> dict[str, Any]:
    return {"jobs": [job_line(job) for job in visible_jobs(call.client, _MAX_JOBS)]}


def _stem_preview(call: ToolCall, job: str, stem: int) -> bytes:
    with temporary_folder() as folder:
        for one in receive_stems(call, job, Path(folder)):
            if one.stem.stem == stem:
                return audio_preview(one.path, 0.0, MAX_PREVIEW_SECONDS).data
    raise RequestError(
        ErrorCode.BAD_PARAMS, say("Job {job} has no stem {stem}.", job=job, stem=stem), "get_job lists them."
    )
