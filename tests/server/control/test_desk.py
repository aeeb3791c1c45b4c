"""The control desk with a real focus board, desk of jobs and store; the bridge is this test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bandmate_protocol.messages import Context, Invoke, Invoked, ServerMessage, Submit, TempoPoint, Timeline
from bandmate_server.control import SlotStore
from bandmate_server.control.actions import CancelJob, RedoJob, RunTask, StoreSlot
from bandmate_server.control.desk import ControlDesk
from bandmate_server.control.model import ControlModel
from bandmate_server.executor import Executor
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.desk import Desk
from bandmate_server.jobs.job import Job
from bandmate_server.metrics import Metrics
from bandmate_server.sessions import FocusBoard
from bandmate_server.spool import JobSpool
from bandmate_server.workers import Ended
from tests.server.control.test_model import info

LINE = Timeline(
    sample_rate=48_000, start_frame=0, end_frame=48_000, tempo=(TempoPoint(position=0.0, bpm=120.0),)
)


class Patient(Executor):
    """Runs a job until it is cancelled."""

    def __init__(self) -> None:
        self._ends: dict[str, asyncio.Event] = {}

    async def run(self, job: Job, _spool: JobSpool) -> AsyncIterator[Ended]:  # type: ignore[override]
        await self._ends.setdefault(job.id, asyncio.Event()).wait()
        yield Ended(None)

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
        self.jobs = Desk(self.store, Patient(), folder / "spool", Metrics())
        self.desk = ControlDesk(self.model, self.focus, self.jobs, self.slots)
        self.invokes: list[Invoke] = []
        self.jobs.start()
        self.desk.start()
        self.focus.context(self, self._post, Context(project="p", project_name="song", timeline=LINE))

    def _post(self, message: ServerMessage) -> None:
        assert isinstance(message, Invoke)
        self.invokes.append(message)

    def accept(self, invoke: Invoke) -> Job:
        """Starts a job as a bridge does, and says so."""
        feed, _ = self.jobs.submit(
            "bridge", Submit(request="r", task=invoke.task, timeline=LINE), "sketch", "cpu", ""
        )
        self.focus.invoked(self, Invoked(request=invoke.request, job=feed.job.id))
        return feed.job

    async def until(self, so: Callable[[], bool]) -> None:
        for _ in range(2000):
            if so():
                return
            await asyncio.sleep(0.005)
        pytest.fail("it did not come about")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(tmp_path)
    yield made
    await made.desk.stop()
    await made.jobs.stop()
    made.store.close()


pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_it_shows_the_project_and_the_slots(stage: Stage) -> None:
    assert stage.model.value("target/name") == "song"
    assert stage.model.value("selection/seconds") == 1.0
    assert stage.model.value("slot/1/name") == "Drums"
    stage.focus.leave(stage)
    assert stage.model.value("target/name") == ""


async def test_cancel_ends_every_job_of_the_surface(stage: Stage) -> None:
    jobs = []
    for _ in range(2):
        stage.desk.perform(RunTask("cover", {"strength": 1.0}))
        jobs.append(stage.accept(stage.invokes[-1]))
    assert stage.invokes[-1].params == {"strength": 1.0}
    await stage.until(lambda: stage.model.value("job/state") in ("queued", "running"))
    stage.desk.perform(CancelJob())
    await stage.until(lambda: all(job.state == "cancelled" for job in jobs))
    await stage.until(lambda: stage.model.value("job/state") == "cancelled")
    stage.desk.perform(CancelJob())
    assert stage.model.value("error") == "No job of a surface runs."


async def test_cancel_before_the_bridge_answers_counts(stage: Stage) -> None:
    stage.desk.perform(RunTask("cover"))
    stage.desk.perform(CancelJob())
    job = stage.accept(stage.invokes[-1])
    await stage.until(lambda: job.state == "cancelled")
    stage.desk.perform(RunTask("cover"))
    again = stage.accept(stage.invokes[-1])
    await stage.until(lambda: again.state == "running")


async def test_a_new_job_begins_at_nothing(stage: Stage) -> None:
    stage.model.show("job/progress", 1.0)
    stage.model.show("job/stage", "Mixing")
    stage.desk.perform(RunTask("cover"))
    stage.accept(stage.invokes[-1])
    assert stage.model.value("job/progress") == 0.0
    assert stage.model.value("job/stage") == ""


async def test_what_ran_is_done_again_and_kept(stage: Stage) -> None:
    stage.desk.perform(RedoJob())
    assert "nothing to do again" in str(stage.model.value("error"))
    stage.desk.perform(StoreSlot(9))
    assert "Run something first" in str(stage.model.value("error"))
    stage.desk.perform(RunTask("cover", {"prompt": "strings"}))
    stage.desk.perform(RedoJob())
    assert [each.params for each in stage.invokes] == [{"prompt": "strings"}] * 2
    stage.desk.perform(StoreSlot(9))
    assert stage.model.value("slot/9/name") == "strings"


async def test_a_bridge_that_starts_nothing_is_heard(stage: Stage) -> None:
    stage.desk.perform(RunTask("cover"))
    stage.focus.invoked(stage, Invoked(request=stage.invokes[-1].request, sentence="Select something."))
    assert stage.model.value("error") == "Select something."
    assert stage.model.value("job/state") == "failed"


async def test_a_chosen_project_is_the_target(stage: Stage) -> None:
    stage.desk.choose("other")
    assert stage.model.value("target/name") == ""
    stage.desk.perform(RunTask("cover"))
    assert "No project other is connected" in str(stage.model.value("error"))
    stage.desk.choose("")
    stage.desk.perform(RunTask("cover"))
    assert len(stage.invokes) == 1
