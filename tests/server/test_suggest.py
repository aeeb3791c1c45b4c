"""Tempo, metre and key for a prompt: a question of which nothing is kept."""

import asyncio

import pytest

from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import (
    Cancel,
    Done,
    Error,
    JobList,
    ListJobs,
    Submit,
    Suggest,
    Suggested,
)
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.queue import JobQueue
from bandmate_server.metrics import Metrics
from bandmate_server.workers import AttemptEnded
from tests.running import RunningServer
from tests.server.control.stage import Patient
from tests.server.wire import Wire, timeline_of

PROMPT = "rock at 143 bpm in F# minor, 7/8"
SLOW = {"stems": 1, "pieces": 1000, "delay_ms": 50}


def test_a_prompt_has_a_tempo_a_metre_and_a_key(wire):
    assert wire.ask(Suggest(request="a", prompt=PROMPT, engine="sketch")) == Suggested(
        request="a", engine="sketch", bpm=143.0, numerator=7, denominator=8, key="F# minor"
    )
    keys = [wire.ask(Suggest(request=f"k{seed}", prompt="rock", seed=seed % 20)).key for seed in range(40)]
    assert keys[:20] == keys[20:]
    assert len(set(keys)) > 1


def test_neither_the_table_nor_the_disk_has_a_question(tmp_path):
    server = RunningServer(tmp_path).start()
    with Wire(server) as wire:
        wire.run("noise", {"pieces": 1})
        files = sorted(path for path in tmp_path.rglob("*") if "spool" in path.parts)
        assert isinstance(wire.ask(Suggest(request="a", prompt=PROMPT)), Suggested)
        listed = wire.ask(ListJobs(request="l", most=100))
        assert isinstance(listed, JobList)
        assert [job.task for job in listed.jobs] == ["noise"]
        assert files
        assert files == sorted(path for path in tmp_path.rglob("*") if "spool" in path.parts)
    assert server.stop() == 0


def test_older_clients_get_the_same_from_the_hidden_task(wire):
    done = wire.run("suggest", {"prompt": PROMPT}, engine="sketch", seed=3)
    assert isinstance(done, Done)
    assert done.report == {"bpm": 143.0, "numerator": 7, "denominator": 8, "key": "F# minor"}


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({"engine": "skech"}, "no_such_engine", "Did you mean `sketch`?"),
        ({"engine": "double"}, "no_such_engine", "requires an engine that makes music from text"),
        ({"prompt": "x" * 10_001}, "bad_params", "Prompt must be text of at most 10000 characters"),
    ],
)
def test_what_cannot_be_answered_is_refused(wire, asked, code, words):
    error = wire.ask(Suggest(request="a", **{"prompt": "rock", **asked}))
    assert isinstance(error, Error)
    assert (error.code, words in f"{error.sentence} {error.remedy}") == (code, True), error
    assert isinstance(wire.ask(Suggest(request="b", prompt="rock")), Suggested)


def test_a_question_waits_for_no_job(own_server):
    with Wire(own_server) as wire, Wire(own_server) as other:
        running, waiting = (wire.submit("noise", SLOW).job for _ in range(2))
        wire.until(lambda event: type(event).__name__ == "StemPiece")
        for number in range(5):
            other.send(Suggest(request=f"q{number}", prompt=PROMPT))
        refused = other.answer("q4")
        assert isinstance(refused, Error)
        assert refused.code == "quota_exceeded"
        assert [other.answer(f"q{number}").bpm for number in range(4)] == [143.0] * 4
        listed = other.ask(ListJobs(request="l", most=2))
        assert isinstance(listed, JobList)
        assert {job.job: job.state for job in listed.jobs} == {running: "running", waiting: "queued"}
        for job in (running, waiting):
            wire.send(Cancel(job=job))


class CountingExecutor(Patient):
    """Runs until it is told to end, and notes what it ran."""

    def __init__(self):
        super().__init__()
        self.begun = asyncio.Queue()
        self.spools = []

    async def run(self, job, spool):
        self.spools.append(spool)
        self.begun.put_nowait(job)
        async for news in super().run(job, spool):
            yield news


def submitted() -> Submit:
    return Submit(request="r", task="suggest", params={"prompt": PROMPT}, timeline=timeline_of(1), seed=1)


@pytest.fixture
async def patient(tmp_path):
    executor = CountingExecutor()
    queue = JobQueue(JobStore(tmp_path / "jobs.sqlite"), executor, tmp_path / "spool", Metrics())
    queue.start()
    yield queue, executor
    await queue.stop()


@pytest.mark.anyio
async def test_a_question_ends_with_who_asked_it(patient):
    queue, executor = patient
    first = asyncio.create_task(queue.ask(submitted(), "sketch", "cpu"))
    running = await executor.begun.get()
    second = asyncio.create_task(queue.ask(submitted(), "sketch", "cpu"))
    third = asyncio.create_task(queue.ask(submitted(), "sketch", "cpu"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert queue.is_busy
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    # The first was stopped, or the third would never begin; the second was withdrawn before its turn.
    last = await executor.begun.get()
    assert running.id != last.id
    executor.cancel(last)
    with pytest.raises(BandmateError, match="cancelled"):
        await third
    assert executor.spools == [None, None]
    assert not queue.is_busy


@pytest.mark.anyio
async def test_only_a_question_that_any_worker_can_answer_passes_the_running_job(tmp_path):
    executor = CountingExecutor()
    executor.has_prompt_lane = True
    queue = JobQueue(JobStore(tmp_path / "jobs.sqlite"), executor, tmp_path / "spool", Metrics())
    queue.start()
    idle = asyncio.create_task(queue.ask(submitted(), "sketch", "device", anywhere=True))
    assert (await executor.begun.get()).placement == "cpu", "no worker of its own while that one is free"
    idle.cancel()
    await asyncio.gather(idle, return_exceptions=True)
    queue.submit("me", submitted(), "sketch", "cpu", "")
    running = await executor.begun.get()
    bound = asyncio.create_task(queue.ask(submitted(), "hum", "cpu"))
    free = asyncio.create_task(queue.ask(submitted(), "sketch", "cpu", anywhere=True))
    assert (await executor.begun.get()).placement == "prompts"
    executor.cancel(running)
    assert (await executor.begun.get()).placement == "cpu"
    for asked in (bound, free):
        asked.cancel()
    await asyncio.gather(bound, free, return_exceptions=True)
    await queue.stop()


class DyingExecutor(Patient):
    """Its worker dies at each attempt."""

    def __init__(self):
        super().__init__()
        self.attempts = []

    async def run(self, job, spool):
        from bandmate_protocol.errors import ErrorCode

        self.attempts.append(job.attempt)
        yield AttemptEnded(None, ErrorCode.WORKER_DIED, "The worker process ended.")


@pytest.mark.anyio
async def test_a_dead_worker_is_tried_again_once_and_then_said(tmp_path):
    executor = DyingExecutor()
    queue = JobQueue(JobStore(tmp_path / "jobs.sqlite"), executor, tmp_path / "spool", Metrics())
    queue.start()
    with pytest.raises(BandmateError, match="The worker process ended") as caught:
        await queue.ask(submitted(), "sketch", "cpu")
    assert caught.value.code == "worker_died"
    assert executor.attempts == [0, 1]
    await queue.stop()
