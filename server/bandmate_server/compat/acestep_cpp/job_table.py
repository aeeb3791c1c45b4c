"""Jobs of this API: an id, and a piece of work that becomes an answer."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from starlette.responses import Response

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.compat.acestep_cpp.owner import OWNER
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.client_jobs import ClientJobs
from bandmate_server.faults import as_sendable_error

_log = logging.getLogger(__name__)

MOST_RUNNING = 200
MOST_KEPT = 256
"""Ended jobs whose results can be fetched; upstream keeps 32."""

JobStatus = Literal["running", "done", "failed", "cancelled"]
MakeAnswer = Callable[[], Awaitable[Response]]
"""Makes the answer with a result, as often as it is fetched."""


@dataclass
class CppJob:
    """One request on its way."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    status: JobStatus = "running"
    """Running from the start: upstream has no word for one that waits."""
    error: str = ""
    answer: MakeAnswer | None = None


Work = Callable[[ClientJobs], Awaitable[MakeAnswer]]
"""Makes something, by jobs of the server that end when it does."""


class JobTable:
    """The jobs in memory: as upstream's, their ids end with the server. What they made stays in the library."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context
        self._jobs: dict[str, CppJob] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, work: Work) -> CppJob:
        """A new job. Raises RequestError (`quota_exceeded`)."""
        if len(self._running) >= MOST_RUNNING:
            raise RequestError(
                ErrorCode.QUOTA_EXCEEDED,
                say("{most} jobs already wait.", most=MOST_RUNNING),
                "Wait for one to end, or cancel one.",
            )
        job = CppJob()
        self._jobs[job.id] = job
        running = self._context.background.start(self._run(job, work), f"job {job.id}")
        self._running[job.id] = running
        running.add_done_callback(lambda _: self._end(job.id))
        return job

    def find(self, job_id: str) -> CppJob | None:
        """The job of an id; None for one that is not known, or no longer."""
        return self._jobs.get(job_id)

    def cancel(self, job: CppJob) -> None:
        """Ends a job; one that has ended stays as it is."""
        if job.status == "running":
            job.status = "cancelled"
            self._running[job.id].cancel()

    async def _run(self, job: CppJob, work: Work) -> None:
        try:
            with self._context.watch.working(), ClientJobs(self._context, OWNER) as jobs:
                job.answer = await work(jobs)
            job.status = "done" if job.status == "running" else job.status
        except Exception as error:  # noqa: BLE001 - the client reads it with the status
            job.error = str(as_sendable_error(error))
            job.status = "failed" if job.status == "running" else job.status
            if not isinstance(error, BandmateError):
                _log.error("job %s failed: %s", job.id, error, exc_info=error)

    def _end(self, job_id: str) -> None:
        del self._running[job_id]
        ended = [each for each in self._jobs if each not in self._running]
        for each in ended[: max(0, len(ended) - MOST_KEPT)]:
            del self._jobs[each]
