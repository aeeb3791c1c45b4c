"""Where jobs run. The local executor gives each to the worker process that it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from bandmate_plugins._host.loading import load_executors, read_catalogue
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Input, StemEnd
from bandmate_protocol.texts import say
from bandmate_server.audio import BlobStore
from bandmate_server.config import Settings
from bandmate_server.jobs import Job, JobStore
from bandmate_server.jobs.lingering import LingeringWorker
from bandmate_server.spool import JobSpool
from bandmate_server.workers import AttemptEnded, InputFile, JobNews, RunJob, WorkerProcess

DOWNLOAD_LANE = "network"
PROMPT_LANE = "prompts"
"""For questions about prompts while the worker of the CPU engines has a job."""
LANES = ("cpu", "device", DOWNLOAD_LANE, PROMPT_LANE)
"""One worker each, so that a sketch or an analysis never waits behind a long model job or a download."""
INPUT_MARGIN_SECONDS = 60.0
"""An input may be longer than the longest range by this: other tracks are heard before and after it too."""
_LINGERING_LANES = (DOWNLOAD_LANE, PROMPT_LANE)
"""Wanted rarely, so that their workers are not kept for long."""


class Executor(Protocol):
    """Runs attempts at jobs. What it renders goes to the job's spool; what it yields are the news of it."""

    has_prompt_lane: bool = False
    """Whether it runs questions that are placed on `PROMPT_LANE`, beside the jobs."""

    def run(self, job: Job, spool: JobSpool | None) -> AsyncIterator[JobNews | AttemptEnded]:
        """Runs the job's present attempt; the last thing it yields is `AttemptEnded`.

        Without a spool it is a question: the job is in no table, and of its output only the report counts.
        """
        ...

    def cancel(self, job: Job) -> None:
        """Asks for a running job to end soon."""
        ...

    async def warm(self) -> None:
        """Gets ready for a first job: a client has come."""
        ...

    async def close(self) -> None:
        """Ends whatever still runs."""
        ...


class LocalExecutor:
    """Worker processes on this machine."""

    has_prompt_lane = True

    def __init__(self, settings: Settings, store: JobStore, shelf: BlobStore) -> None:
        self._store = store
        self._shelf = shelf
        self._input_seconds = settings.range_seconds + INPUT_MARGIN_SECONDS
        self.workers = {
            lane: WorkerProcess(
                lane, stall_seconds=settings.stall_seconds, grace_seconds=settings.grace_seconds
            )
            for lane in LANES
        }
        self._lingering = {lane: LingeringWorker(self.workers[lane]) for lane in _LINGERING_LANES}

    async def run(self, job: Job, spool: JobSpool | None) -> AsyncIterator[JobNews | AttemptEnded]:
        """See Executor."""
        files = [await self._input_file(given) for given in job.submit.inputs]
        if None in files:
            yield AttemptEnded(
                None, ErrorCode.INPUT_MISSING, "Audio that the job needs is no longer on the server."
            )
            return
        run = RunJob(
            job=job.id,
            attempt=job.attempt,
            submit=job.submit,
            engine=job.engine,
            seed=job.seed,
            tier=job.tier,
            inputs=tuple(file for file in files if file),
            spool=str(spool.folder) if spool else None,
            shelf=str(self._shelf.folder),
            input_seconds=self._input_seconds,
            reads_prompt=spool is None,
        )
        lingering = self._lingering.get(job.placement)
        if lingering:
            await lingering.keep()
        async for news in self.workers[job.placement].run(run):
            if isinstance(news, AttemptEnded):
                if lingering:
                    lingering.retire_later()
            elif isinstance(news.message, StemEnd):
                # Hashed as it was written: whoever reads it first need not wait until it is read again.
                self._shelf.mark_verified(self._shelf.stem_path(news.message.sha256))
            yield news

    def cancel(self, job: Job) -> None:
        """See Executor."""
        self.workers[job.placement].stop_job(job.id)

    async def warm(self) -> None:
        """Starts the worker of the CPU engines: what it imports takes a second or two."""
        await self.workers["cpu"].start()

    async def close(self) -> None:
        """See Executor."""
        for lingering in self._lingering.values():
            await lingering.keep()
        await asyncio.gather(*(worker.kill() for worker in self.workers.values()))

    async def _input_file(self, given: Input) -> InputFile | None:
        found = await self._shelf.find(given.sha256)
        if found is None:
            return None
        kind, path = found
        if kind == "upload":
            return InputFile(str(path))
        layout = self._store.stem_layout(given.sha256)
        return InputFile(str(path), *layout) if layout else None


ExecutorFactory = Callable[[Settings, JobStore, BlobStore], Executor]
"""What a plugin registers with `bandmate_executors`."""


def build_executor(settings: Settings, store: JobStore, shelf: BlobStore) -> Executor:
    """The executor that the settings name: `local`, or one that a plugin brings.

    Raises RequestError (`bad_params`) with the names there are.
    """
    if settings.executor == "local":
        return LocalExecutor(settings, store, shelf)
    factories: dict[str, ExecutorFactory] = load_executors(read_catalogue())
    if settings.executor not in factories:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("There is no executor {executor}.", executor=settings.executor),
            say("Set `executor` to one of: {names}.", names=", ".join(["local", *factories])),
        )
    return factories[settings.executor](settings, store, shelf)
