"""A control desk with a real focus board, desk of jobs and store; the bridge is the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bandmate_protocol.messages import Context, Invoke, Invoked, ServerMessage, Submit, TempoPoint, Timeline
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.executor import Executor
from bandmate_server.jobs.job import Job
from bandmate_server.jobs.queue import JobQueue
from bandmate_server.metrics import Metrics
from bandmate_server.sessions import FocusBoard
from bandmate_server.spool import JobSpool
from bandmate_server.surfaces.control import SlotStore
from bandmate_server.surfaces.control.controller import SurfaceController
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.workers import AttemptEnded
from tests.server.control.test_model import info

LINE = Timeline(
    sample_rate=48_000, start_frame=0, end_frame=48_000, tempo=(TempoPoint(position=0.0, bpm=120.0),)
)


class Patient(Executor):
    """Runs a job until it is cancelled."""

    def __init__(self) -> None:
        self._ends: dict[str, asyncio.Event] = {}

    async def run(self, job: Job, _spool: JobSpool) -> AsyncIterator[AttemptEnded]:  # type: ignore[override]
        await self._ends.setdefault(job.id, asyncio.Event()).wait()
        yield AttemptEnded(None)

    def cancel(self, job: Job) -> None:
        self._ends.setdefault(job.id, asyncio.Event()).set()

    async def warm(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to end."""


class Stage:
    """A desk with a bridge that answers when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.model = ControlModel([info("cover"), info("generate")])
        self.focus = FocusBoard()
        self.slots = SlotStore(folder / "slots.json")
        self.store = JobStore(folder / "jobs.sqlite")
        self.jobs = JobQueue(self.store, Patient(), folder / "spool", Metrics())
        self.desk = SurfaceController(self.model, self.focus, self.jobs, self.slots)
        self.invokes: list[Invoke] = []
        self.jobs.start()
        self.desk.start()
        self.focus.update_context(self, self._post, Context(project="p", project_name="song", timeline=LINE))

    def _post(self, message: ServerMessage) -> None:
        assert isinstance(message, Invoke)
        self.invokes.append(message)

    def accept(self, invoke: Invoke) -> Job:
        """Starts a job as a bridge does, and says so."""
        feed, _ = self.jobs.submit(
            "bridge", Submit(request="r", task=invoke.task, timeline=LINE), "sketch", "cpu", ""
        )
        self.focus.pass_answer(self, Invoked(request=invoke.request, job=feed.job.id))
        return feed.job

    async def until(self, so: Callable[[], bool]) -> None:
        for _ in range(2000):
            if so():
                return
            await asyncio.sleep(0.005)
        pytest.fail("it did not come about")

    async def close(self) -> None:
        await self.desk.stop()
        await self.jobs.stop()
        self.store.close()
