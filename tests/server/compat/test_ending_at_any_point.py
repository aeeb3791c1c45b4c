"""Whoever cancels, or leaves, leaves no job behind: before the first, while one is taken in, between two, and after."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Submit
from bandmate_server.compat.acestep.preparing import Preparer
from bandmate_server.compat.acestep.task_store import TaskRecord, TaskStore
from bandmate_server.compat.acestep_cpp.job_table import CppJob, JobTable, MakeAnswer
from bandmate_server.compat.client_jobs import ClientJobs, finish_job
from bandmate_server.compat.making import open_timeline
from bandmate_server.compat.songs.music_request import MusicRequest, read_music_request
from tests.server.compat.waiting_server import MOST_TURNS, Visit, WaitingServer

WHOLE = {"bpm": 120, "key_scale": "C major", "time_signature": "4", "audio_duration": 2}
DRUMS = Submit(request="r", task="generate", timeline=open_timeline(2.0), params={"prompt": "drums"})
CHAT = {
    "messages": [{"role": "user", "content": "drums"}],
    "audio_config": {"bpm": 120, "key_scale": "C major", "time_signature": "4", "duration": 2},
    "batch_size": 2,
}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[asyncio.Runner]:
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        patch.setenv("BANDMATE_HOME", str(tmp_path_factory.mktemp("waiting-home")))
        yield runner


@pytest.fixture(scope="module")
def server(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WaitingServer]:
    server = WaitingServer(tmp_path_factory.mktemp("waiting"))
    runner.run(server.start())
    yield server
    runner.run(server.stop())


@pytest.fixture
def tasks(tmp_path: Path) -> TaskStore:
    return TaskStore(tmp_path)


def asked(batch: int) -> MusicRequest:
    return read_music_request({"prompt": "drums", **WHOLE, "batch_size": batch})


def cancel(work: asyncio.Task[None]) -> None:
    work.cancel()


def test_a_job_that_is_waited_for(runner: asyncio.Runner, server: WaitingServer) -> None:
    async def work() -> None:
        await finish_job(server.context, "somebody", DRUMS)

    runner.run(server.end_at_each_turn(work, cancel, 1))


def test_a_job_that_is_taken_in_after_the_cancel(runner: asyncio.Runner, server: WaitingServer) -> None:
    async def work() -> None:
        jobs = ClientJobs(server.context, "somebody")
        jobs.cancel()
        with pytest.raises(RequestError, match="cancelled"):
            await jobs.submit(DRUMS)
        assert server.active == 0

    runner.run(work())


def test_a_task_of_acesteps_api(runner: asyncio.Runner, server: WaitingServer, tasks: TaskStore) -> None:
    preparer = Preparer(server.context, tasks)
    records: list[TaskRecord] = []

    async def work() -> None:
        records.append(preparer.start(asked(2), None, None))

    def end(working: asyncio.Task[None]) -> None:
        working.cancel()
        for record in records:
            preparer.cancel(record)

    runner.run(server.end_at_each_turn(work, end, 2))
    kept = [tasks.find(record.id) for record in records]
    assert (tasks.waiting_count, kept) == (0, records)
    # The last one has its jobs, whose ends say that they were cancelled.
    assert {record.error for record in records[:-1]} == {"Cancelled."}
    assert len(records[-1].jobs) == 2


def test_a_task_of_acesteps_api_when_the_server_stops(
    runner: asyncio.Runner, server: WaitingServer, tasks: TaskStore
) -> None:
    preparer = Preparer(server.context, tasks)

    async def begin_and_stop(turns: int) -> TaskRecord:
        record = preparer.start(asked(2), None, None)
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.background.stop()
        return record

    record = runner.run(begin_and_stop(0))
    for turns in range(1, MOST_TURNS):
        assert (tasks.waiting_count, tasks.find(record.id)) == (0, record)
        if record.jobs:
            break
        assert "The server stopped before the task began." in record.error
        assert server.active == 0
        record = runner.run(begin_and_stop(turns))
    # One that has them keeps them: clients ask for it when the server is here again.
    assert (len(record.jobs), server.active) == (2, 2)
    preparer.cancel(record)


def test_a_task_whose_second_job_is_refused_fails_as_a_whole(
    runner: asyncio.Runner, server: WaitingServer, tasks: TaskStore
) -> None:
    preparer, live = Preparer(server.context, tasks), server.services.live_settings

    async def work() -> None:
        record = preparer.start(asked(2), None, None)
        await asyncio.gather(*server.background._running)
        assert (server.active, record.jobs) == (0, ())
        assert "already has 1 jobs" in record.error

    before = live.current
    live.current = msgspec.structs.replace(before, jobs_per_client=1)
    try:
        runner.run(work())
    finally:
        live.current = before


def test_a_job_of_acestep_cpps_api(runner: asyncio.Runner, server: WaitingServer) -> None:
    table = JobTable(server.context)
    started: list[CppJob] = []

    async def make(jobs: ClientJobs) -> MakeAnswer:
        await jobs.submit(DRUMS)
        await jobs.finish(DRUMS)
        raise AssertionError("nothing runs")

    async def work() -> None:
        started.append(table.start(make))

    def end(working: asyncio.Task[None]) -> None:
        working.cancel()
        for job in started:
            table.cancel(job)

    runner.run(server.end_at_each_turn(work, end, 2))
    assert {job.status for job in started} == {"cancelled"}


@pytest.mark.parametrize("how", ["leaves", "is cut off"])
@pytest.mark.parametrize(
    ("setting", "path", "body", "jobs"),
    [
        ("chat_api", "/v1/chat/completions", CHAT, 2),
        ("chat_api", "/v1/chat/completions", CHAT | {"stream": True}, 2),
        ("chat_api", "/v1/chat/completions", CHAT | {"sample_mode": True}, 1),
        ("acestep_api", "/format_input", {"prompt": "drums", "lyrics": "la"}, 1),
        ("acestep_api", "/v1/create_sample", {"query": "a song about rain"}, 1),
    ],
)
def test_a_request_whose_client_does_not_wait(
    runner: asyncio.Runner,
    server: WaitingServer,
    setting: str,
    path: str,
    body: dict[str, Any],
    jobs: int,
    how: str,
) -> None:
    """It leaves, or the server ends what it still waits for."""
    app = server.app(setting)
    visits: list[Visit] = []

    async def work() -> None:
        visits.append(Visit(app, path, body))
        await visits[-1].run()

    def leave(working: asyncio.Task[None]) -> None:
        if how == "leaves" and visits:
            visits[-1].leave()
        else:
            working.cancel()

    runner.run(server.end_at_each_turn(work, leave, jobs))
