"""The server's side of one worker process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bandmate_protocol.codec import encode
from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import Cancelled
from bandmate_server.workers.link import (
    HEAD,
    Advanced,
    Finished,
    Ready,
    Relay,
    Report,
    Run,
    Stop,
    decode_report,
    pack,
)

_log = logging.getLogger(__name__)

_START_SECONDS = 120.0
"""What a worker may take to import what it needs; torch from a cold disk takes long."""
_ENDING_SECONDS = 2.0
"""What a worker that has closed its pipes may take to be gone."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """Something happened: an encoded message, or None when only the spool has grown."""

    frame: bytes | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The attempt is over: with an encoded message, or with the reason why the worker could not say one."""

    frame: bytes | None
    code: ErrorCode | None = None
    sentence: str = ""


class WorkerProcess:
    """One worker, started at its first job and again after it died. Runs one job at a time."""

    def __init__(self, lane: str, *, stall_seconds: float, grace_seconds: float) -> None:
        self.lane = lane
        self.device = ""
        self._stall_seconds = stall_seconds
        self._grace_seconds = grace_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._errors: asyncio.Task[None] | None = None
        self._stopping: asyncio.TimerHandle | None = None
        self._starting = asyncio.Lock()
        self._current: Run | None = None
        self._withdrawn: set[str] = set()

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self, run: Run) -> AsyncIterator[Relayed | Ended]:
        """Runs one attempt; the last thing it yields is `Ended`."""
        try:
            await self._ensure()
            if run.job in self._withdrawn:
                yield Ended(encode(Cancelled(job=run.job, attempt=run.attempt)))
                return
            self._write(pack(run))
            self._current = run
            while True:
                # wait_for would lose a cancel that comes in the moment of a report: the lane would never end.
                async with asyncio.timeout(self._stall_seconds):
                    report = await self._read()
                if isinstance(report, Finished) and report.job == run.job:
                    yield Ended(report.frame)
                    return
                if isinstance(report, Relay):
                    yield Relayed(report.frame)
                elif isinstance(report, Advanced):
                    yield Relayed(None)
        except TimeoutError:
            await self.kill()
            yield Ended(
                None,
                ErrorCode.WORKER_STUCK,
                f"The worker made no progress for {self._stall_seconds:.0f} s and was replaced.",
            )
        except (asyncio.IncompleteReadError, ConnectionError, OSError) as error:
            _log.warning("worker %s ended in the middle of a job: %s", self.lane, error)
            code = await self._let_end()
            yield Ended(
                None, ErrorCode.WORKER_DIED, f"The worker process ended in the middle of the job{_why(code)}."
            )
        finally:
            # Whoever has read `Ended` reads no further, and the loop closes this generator when it gets to
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
            self._write(pack(Stop(job)))
        self._clear_stop()
        loop = asyncio.get_running_loop()
        self._stopping = loop.call_later(self._grace_seconds, self._kill_now)

    async def kill(self) -> int | None:
        """Ends the process at once and returns its exit status."""
        self._clear_stop()
        process, self._process = self._process, None
        if process is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        code = await process.wait()
        if self._errors:
            await self._errors
            self._errors = None
        # Let the transport close its pipes before the loop goes on.
        if process.stdin:
            process.stdin.close()
        return code

    async def _let_end(self) -> int | None:
        """The exit status of a process that has closed its pipes; to kill it now could lose that."""
        if self._process is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ENDING_SECONDS):
                    await self._process.wait()
        return await self.kill()

    async def start(self) -> None:
        """Starts the process ahead of its first job. What goes wrong shows at that job."""
        with contextlib.suppress(TimeoutError, asyncio.IncompleteReadError, OSError):
            await self._ensure()

    async def _ensure(self) -> None:
        async with self._starting:
            if self.pid is not None:
                return
            if self._process is not None:
                await self.kill()
            await self._spawn()

    async def _spawn(self) -> None:
        # -P keeps a file named like a module in the folder where the server was started from being imported.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "bandmate_server.workers.main",
            self.lane,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 22,
            env=os.environ | _environment(self.lane),
        )
        self._errors = asyncio.create_task(self._log_errors(self._process))
        async with asyncio.timeout(max(self._stall_seconds, _START_SECONDS)):
            report = await self._read()
        if isinstance(report, Ready):
            self.device = report.device
            _log.info(
                "worker %s (pid %s) is ready on %s %s", self.lane, self.pid, report.device, report.sentence
            )

    async def _read(self) -> Report:
        assert self._process is not None, "started before anything is read"
        assert self._process.stdout is not None, "started with a pipe"
        head = await self._process.stdout.readexactly(HEAD.size)
        return decode_report(await self._process.stdout.readexactly(HEAD.unpack(head)[0]))

    def _write(self, data: bytes) -> None:
        assert self._process is not None, "started before anything is written"
        assert self._process.stdin is not None, "started with a pipe"
        self._process.stdin.write(data)

    async def _log_errors(self, process: asyncio.subprocess.Process) -> None:
        """What plugins print goes to the log, a line at a time, whatever they print."""
        assert process.stderr is not None, "started with a pipe"
        rest = b""
        while chunk := await process.stderr.read(65_536):
            *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
            rest = rest[-65_536:]
            for line in lines:
                if line.strip():
                    _log.info("worker %s: %s", self.lane, line.decode(errors="replace"))

    def _kill_now(self) -> None:
        _log.warning("worker %s did not answer a cancel in time and is replaced", self.lane)
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _clear_stop(self) -> None:
        if self._stopping is not None:
            self._stopping.cancel()
            self._stopping = None


def _environment(lane: str) -> dict[str, str]:
    """One thread for the CPU engines: more make small products slower, and their last bits luck."""
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS") if lane == "cpu" else ()
    return {"PYTHONUNBUFFERED": "1"} | dict.fromkeys(threads, "1")


def _why(code: int | None) -> str:
    if code is None:
        return ""
    return f" (signal {-code})" if code < 0 else f" (exit status {code})"
