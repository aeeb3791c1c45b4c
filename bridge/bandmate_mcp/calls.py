"""A tool's work in a thread of its own: progress, cancelling, and errors as the assistant reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from bandmate import Progress, Session
from bandmate.progress import ProgressListener, listen_to_progress
from bandmate_bridge.progress import Notice, ProgressCallback, StageStarted
from bandmate_mcp.call_client import CallClient, CancelFlag
from bandmate_mcp.tool_words import in_tool_words
from bandmate_protocol.errors import BandmateError, ErrorCode

Answer = TypeVar("Answer")

_MAX_CALLS = 32
"""Calls that run at once; further ones wait."""
_LEAST_STEP = 0.01
_ALMOST = 99.0
_FILE_REMEDY = "Give another name for `output`."

_threads = ThreadPoolExecutor(_MAX_CALLS, "bandmate-mcp")


@dataclass(frozen=True)
class ToolCall:
    """What a tool's work has: a session with the server that lives as long as the call."""

    client: CallClient
    session: Session
    listener: ProgressListener
    """Takes reports of progress; raises when the call was cancelled."""

    @property
    def progress(self) -> ProgressCallback:
        """The same for functions of the bridge."""
        return listen_to_progress(self.listener)


async def run_call(ctx: Context | None, work: Callable[[ToolCall], Answer]) -> Answer:
    """Connects to the user's server, starting one where none runs, and does the work there.

    A call that is cancelled cancels its jobs. Without a ``ctx``, nobody hears of its progress. Raises ToolError with
    the sentence and the remedy of a BandmateError.
    """
    flag = CancelFlag()

    def work_in_session(listener: ProgressListener) -> Answer:
        with _open_client(listener) as client:
            client.flag = flag
            with Session(client, listener) as session:
                return work(ToolCall(client, session, listener))

    return await _run_in_thread(ctx, flag, work_in_session)


async def run_locally(ctx: Context, work: Callable[[], Answer]) -> Answer:
    """Does work that needs no server, such as reading a project. Raises ToolError."""
    return await _run_in_thread(ctx, CancelFlag(), lambda _: work())


def error_text(error: BandmateError) -> str:
    """Sentence, remedy and code, as an assistant reads them."""
    remedy = _FILE_REMEDY if error.code == ErrorCode.FILE_EXISTS else error.remedy
    job = f" Job: {error.job}." if error.job else ""
    return in_tool_words(f"{error.sentence} {remedy}".rstrip()) + f"{job} [{error.code}]"


async def _run_in_thread(
    ctx: Context | None, flag: CancelFlag, work: Callable[[ProgressListener], Answer]
) -> Answer:
    loop = asyncio.get_running_loop()
    reports: asyncio.Queue[Progress] = asyncio.Queue()

    def listen(report: Progress) -> None:
        flag.check()
        if not loop.is_closed():
            loop.call_soon_threadsafe(reports.put_nowait, report)

    future = loop.run_in_executor(_threads, work, listen)
    try:
        await _show_progress(ctx, future, reports)
        return await future
    except asyncio.CancelledError:
        flag.set()
        # Nobody waits for how it ends.
        future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise
    except BandmateError as error:
        raise ToolError(error_text(error)) from error


async def _show_progress(
    ctx: Context | None, future: asyncio.Future[Answer], reports: asyncio.Queue[Progress]
) -> None:
    """Sends the newest report as a percentage that never falls, until the work has ended."""
    percent = 0.0
    while not future.done():
        waiting = asyncio.ensure_future(reports.get())
        both: set[asyncio.Future[Any]] = {future, waiting}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if not waiting.done() or waiting.cancelled():
            continue
        report = waiting.result()
        while not reports.empty():
            report = reports.get_nowait()
        percent = max(percent + _LEAST_STEP, min(_ALMOST, 100 * (report.fraction or 0.0)))
        if ctx is not None:
            await ctx.report_progress(percent, 100.0, report.stage)


def _open_client(listener: ProgressListener) -> CallClient:
    tell = listen_to_progress(listener)
    client = CallClient.connect(
        role="cli",
        name="mcp",
        notify=lambda stage: tell(StageStarted(stage)),
        warn=lambda sentence: tell(Notice(sentence)),
    )
    assert isinstance(client, CallClient), "connect makes one of its own class"
    return client
