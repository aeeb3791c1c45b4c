"""The server's side of one worker process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import Cancelled, Failed, Progress, Stem, StemEnd
from bandmate_server.workers.child import ChildProcess
from bandmate_server.workers.link import (
    LENGTH_PREFIX,
    AttemptFinished,
    RelayFrame,
    RunJob,
    SpoolGrown,
    StopJob,
    WorkerReady,
    WorkerReport,
    decode_report,
    pack_frame,
)
from bandmate_server.workers.reports import MAX_REPORT_BYTES, JobOutcome, RunReports, UnreadableReportError

_log = logging.getLogger(__name__)

_START_SECONDS = 120.0
"""What a worker may take to import what it needs; torch from a cold disk takes long."""
_ENDING_SECONDS = 2.0
"""What a worker that has closed its pipes may take to be gone."""


@dataclass(frozen=True, slots=True)
class JobNews:
    """Something happened: a message, or None when only the spool has grown."""

    message: Progress | Stem | StemEnd | None


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """The attempt is over: with a message, or with the reason why the worker could not send one."""

    message: JobOutcome | None
    code: ErrorCode | None = None
    sentence: str = ""


class WorkerProcess:
    """One worker, started at its first job and again after it died. Runs one job at a time."""

    def __init__(self, lane: str, *, stall_seconds: float, grace_seconds: float) -> None:
        self.lane = lane
        self.device = ""
        self._stall_seconds = stall_seconds
        self._grace_seconds = grace_seconds
        self._child: ChildProcess | None = None
        self._errors: asyncio.Task[None] | None = None
        self._stopping: asyncio.TimerHandle | None = None
        self._starting = asyncio.Lock()
        self._current: RunJob | None = None
        self._withdrawn: set[str] = set()

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._child.pid if self._child and self._child.is_running else None

    async def run(self, run: RunJob) -> AsyncIterator[JobNews | AttemptEnded]:
        """Runs one attempt; the last thing it yields is `AttemptEnded`."""
        try:
            await self._ensure_running()
            if run.job in self._withdrawn:
                yield AttemptEnded(Cancelled(job=run.job, attempt=run.attempt))
                return
            self._write_command(pack_frame(run))
            self._current = run
            reports = RunReports(run)
            while True:
                # wait_for would lose a cancel that comes in the moment of a report: the lane would never end.
                async with asyncio.timeout(self._stall_seconds):
                    report = await self._read_report()
                if isinstance(report, AttemptFinished):
                    yield await self._end_attempt(report, reports.outcome_message(report.frame))
                    return
                if isinstance(report, RelayFrame):
                    yield JobNews(reports.news_message(report.frame))
                elif isinstance(report, SpoolGrown):
                    yield JobNews(None)
        except TimeoutError:
            await self.kill()
            yield AttemptEnded(
                None,
                ErrorCode.WORKER_STUCK,
                f"The worker made no progress for {self._stall_seconds:.0f} s and was replaced.",
            )
        except UnreadableReportError as error:
            _log.warning("worker %s sent unreadable data and is replaced: %s", self.lane, error)
            await self.kill()
            yield AttemptEnded(
                None,
                ErrorCode.WORKER_DIED,
                "The worker sent unreadable data, and was replaced.",
            )
        except (asyncio.IncompleteReadError, ConnectionError, OSError) as error:
            _log.warning("worker %s ended in the middle of a job: %s", self.lane, error)
            code = await self._wait_for_end()
            yield AttemptEnded(
                None,
                ErrorCode.WORKER_DIED,
                f"The worker process ended in the middle of the job{_exit_text(code)}.",
            )
        finally:
            # Whoever has read `AttemptEnded` reads no further, and the loop closes this generator when it gets to
            # it: the next run may have begun by then, and its cancel must not be lost.
            if self._current is None or self._current is run:
                self._current = None
                self._withdrawn.discard(run.job)
                self._clear_stop()

    def stop_job(self, job: str) -> None:
        """Asks the worker to cancel a job; one that does not answer in its grace time is replaced.

        A job that the worker was not given yet, since it still starts, is withdrawn.
        """
        if self._current is None or job != self._current.job:
            self._withdrawn.add(job)
            return
        with contextlib.suppress(ConnectionError, OSError):
            self._write_command(pack_frame(StopJob(job)))
        self._clear_stop()
        loop = asyncio.get_running_loop()
        self._stopping = loop.call_later(self._grace_seconds, self._kill_now)

    async def kill(self) -> int | None:
        """Ends the process at once and returns its exit status."""
        self._clear_stop()
        child, self._child = self._child, None
        if child is None:
            return None
        child.kill()
        code = await child.wait()
        if self._errors:
            # Ends soon: the pipes of a process that has ended are closed, whoever else holds them.
            await self._errors
            self._errors = None
        return code

    async def _end_attempt(self, report: AttemptFinished, outcome: JobOutcome) -> AttemptEnded:
        if report.renewal == "none":
            return AttemptEnded(outcome)
        await self.kill()
        if report.renewal == "retry" and isinstance(outcome, Failed):
            _log.warning(
                "worker %s ran a plugin that may have left it in a bad state, and is replaced", self.lane
            )
            return AttemptEnded(None, ErrorCode.WORKER_DIED, outcome.sentence)
        return AttemptEnded(outcome)

    async def _wait_for_end(self) -> int | None:
        """The exit status of a process that has closed its pipes; to kill it now could lose that."""
        if self._child is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ENDING_SECONDS):
                    await self._child.wait()
        return await self.kill()

    async def start(self) -> None:
        """Starts the process ahead of its first job. What goes wrong shows at that job."""
        with contextlib.suppress(TimeoutError, asyncio.IncompleteReadError, OSError, UnreadableReportError):
            await self._ensure_running()

    async def _ensure_running(self) -> None:
        async with self._starting:
            if self.pid is not None:
                return
            if self._child is not None:
                await self.kill()
            await self._spawn_child()

    async def _spawn_child(self) -> None:
        # -P keeps a file named like a module in the folder where the server was started from being imported.
        self._child = await ChildProcess.spawn(
            sys.executable,
            "-P",
            "-m",
            "bandmate_server.workers.main",
            self.lane,
            env=os.environ | _worker_environment(self.lane),
        )
        self._errors = asyncio.create_task(self._log_errors(self._child))
        async with asyncio.timeout(max(self._stall_seconds, _START_SECONDS)):
            report = await self._read_report()
        if isinstance(report, WorkerReady):
            self.device = report.device
            _log.info(
                "worker %s (pid %s) is ready on %s %s", self.lane, self.pid, report.device, report.sentence
            )

    async def _read_report(self) -> WorkerReport:
        assert self._child is not None, "started before anything is read"
        stdout = self._child.stdout
        (size,) = LENGTH_PREFIX.unpack(await stdout.readexactly(LENGTH_PREFIX.size))
        if size > MAX_REPORT_BYTES:
            raise UnreadableReportError(f"a report of {size} bytes")
        try:
            return decode_report(await stdout.readexactly(size))
        except msgspec.MsgspecError as error:
            raise UnreadableReportError(str(error)) from error

    def _write_command(self, data: bytes) -> None:
        assert self._child is not None, "started before anything is written"
        self._child.write(data)

    async def _log_errors(self, child: ChildProcess) -> None:
        """What plugins print goes to the log, a line at a time, whatever they print."""
        rest = b""
        while chunk := await child.stderr.read(65_536):
            *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
            rest = rest[-65_536:]
            for line in lines:
                if line.strip():
                    _log.info("worker %s: %s", self.lane, line.decode(errors="replace"))

    def _kill_now(self) -> None:
        _log.warning("worker %s did not answer a cancel in time and is replaced", self.lane)
        if self._child is not None:
            self._child.kill()

    def _clear_stop(self) -> None:
        if self._stopping is not None:
            self._stopping.cancel()
            self._stopping = None


def _worker_environment(lane: str) -> dict[str, str]:
    """One thread for the CPU engines: more make small products slower, and their last bits luck."""
    one_thread = lane in ("cpu", "prompts")
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS") if one_thread else ()
    return {"PYTHONUNBUFFERED": "1"} | dict.fromkeys(threads, "1")


def _exit_text(code: int | None) -> str:
    if code is None:
        return ""
    return f" (signal {-code})" if code < 0 else f" (exit status {code})"
