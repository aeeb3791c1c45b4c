"""The table and the disk refuse one call after another, at every step of a job; then the next job runs."""

import asyncio
import hashlib
import os
import sqlite3

import pytest

from bandmate_protocol.messages import (
    Accepted,
    Attach,
    Attached,
    Done,
    Error,
    Failed,
    Have,
    JobList,
    ListJobs,
    Missing,
    Pin,
    Pinned,
    Uploaded,
)
from bandmate_server.jobs import JobStore
from tests.server.durable.faults import REFUSALS, Refusals, room_for
from tests.server.durable.rig import Rig, noise, noise_params, whole_files
from tests.server.durable.synced import SyncedFiles

pytestmark = pytest.mark.anyio

CODES = {"full": "disk_full", "broken": "file_unusable", "protected": "file_unusable"}
MOST_CALLS = 200


async def job_with_all_steps(rig, client, seed):
    """Submits, follows, attaches and pins; returns every answer and end."""
    answers = [await client.submit("noise", noise_params(2), seed)]
    if isinstance(answers[0], Accepted):
        job = answers[0].job
        answers.append(await client.end(job))
        answers.append(await client.take_up(job))
        answers.append(await client.ask(ListJobs(request=f"list-{seed}")))
        answers.append(await client.ask(Pin(request=f"pin-{seed}", owner="song", sha256=("0" * 64,))))
        answers.append(await client.ask(Have(request=f"have-{seed}", sha256=("1" * 64,))))
    return answers


async def works(rig, client, seed):
    """The next job runs, and its audio is right."""
    assert rig.dead_lanes == []
    accepted = await client.submit("noise", noise_params(2), seed)
    assert isinstance(accepted, Accepted), accepted
    assert accepted.ahead == 0
    assert isinstance(await client.end(accepted.job), Done)
    expected = [hashlib.sha256(data).hexdigest() for data in noise(seed, 2)]
    assert [client.finished[accepted.job, index] for index in range(2)] == expected
    listed = await client.ask(ListJobs(request=f"after-{seed}", most=1000))
    assert isinstance(listed, JobList)
    assert {job.state for job in listed.jobs} <= {"done", "failed", "cancelled"}
    assert listed.jobs[0].job == accepted.job


@pytest.mark.parametrize(
    ("kind", "how", "times"),
    [
        *((kind, how, 1) for kind in ("table", "file", "sync") for how in REFUSALS),
        ("table", "full", 3),
        ("write", "full", 3),
        ("file", "full", 3),
    ],
)
async def test_whatever_is_refused_the_lane_lives_and_every_client_is_answered(
    bench, fast_folder, monkeypatch, kind, how, times
):
    refusals = Refusals(fast_folder)
    monkeypatch.setattr(os, "fsync", SyncedFiles(refusals.sync_call).fsync)
    rig = Rig(fast_folder, bench, refusals)
    await rig.start()
    client = await rig.connect()
    await works(rig, client, 1)
    calls = 0
    while True:
        with refusals.on(kind, how, skip=calls, more=times - 1):
            answers = await job_with_all_steps(rig, client, seed=100 + calls)
        for answer in answers:
            if isinstance(answer, Error | Failed):
                assert answer.code == CODES[how], answer
                assert answer.remedy
                assert str(fast_folder) not in answer.sentence
        await works(rig, client, 1000 + calls)
        if not refusals.refused:
            break
        calls += 1
        assert calls < MOST_CALLS, "one job does not make so many calls"
    assert calls > 5, "the calls of a job were refused one after another"
    assert all(whole_files(rig.shelf.folder).values())
    await rig.stop()


async def test_a_disk_that_stays_full_keeps_the_ends_in_memory_and_writes_them_when_there_is_room(
    bench, fast_folder
):
    refusals = Refusals(fast_folder)
    rig = Rig(fast_folder, bench, refusals)
    await rig.start()
    client = await rig.connect()
    accepted = [await client.submit("noise", noise_params(1), seed) for seed in (1, 2, 3)]
    with refusals.on("write", "full", skip=0, more=10_000):
        ends = [await client.end(each.job) for each in accepted]
        assert (await client.submit("noise", noise_params(1), 4)).code == "disk_full"
        # Whoever attaches now is told too, though the table knows nothing of it.
        late = await rig.connect()
        assert isinstance(await late.take_up(accepted[0].job), Done)
    assert all(isinstance(end, Done) for end in ends)
    listed = await late.ask(ListJobs(request="l"))
    assert [job.state for job in listed.jobs] == ["done"] * 3
    rig.desk.flush_backlog()
    with sqlite3.connect(fast_folder / "jobs.sqlite") as beside:
        assert beside.execute("SELECT DISTINCT state FROM job").fetchall() == [("done",)]
        assert beside.execute("SELECT count(*) FROM stem").fetchone() == (3,)
    beside.close()
    await rig.stop()


async def test_a_job_that_fails_for_want_of_room_gives_its_own_back_first(bench, fast_folder):
    rig = Rig(fast_folder, bench)
    await rig.start()
    client = await rig.connect()
    accepted = await client.submit("noise", noise_params(1), 1)
    with room_for(1_000_000):
        # 0.02 s of noise fit, 5 s do not.
        assert isinstance(await client.end(accepted.job), Done)
        long = await client.submit("noise", noise_params(1), 2, seconds=5.0)
        failed = await client.end(long.job)
    assert (failed.code, type(failed)) == ("disk_full", Failed)
    assert "retention_gb" in failed.remedy
    assert not list(fast_folder.glob("spool/**/*.f32"))
    await works(rig, client, 5)
    await rig.stop()


async def test_uploads_and_pins_on_a_full_disk_are_refused_with_a_remedy(bench, fast_folder):
    refusals = Refusals(fast_folder)
    rig = Rig(fast_folder, bench, refusals)
    await rig.start()
    client = await rig.connect()
    with refusals.on("file", "full", skip=0, more=100):
        refused = await client.upload(b"x" * 10_000)
    with refusals.on("write", "full", skip=0, more=100):
        pinned = await client.ask(Pin(request="p", owner="song", sha256=("0" * 64,)))
    assert (refused.code, pinned.code) == ("disk_full", "disk_full")
    assert "Free some space" in refused.remedy
    assert "Free some space" in pinned.remedy
    assert isinstance(await client.ask(Pin(request="q", owner="song", sha256=("0" * 64,))), Pinned)
    assert isinstance(await client.upload(b"x" * 10_000), Uploaded)
    assert await client.ask(
        Have(request="h", sha256=(hashlib.sha256(b"x" * 10_000).hexdigest(),))
    ) == Missing(request="h")
    await rig.stop()


async def test_a_commit_that_is_refused_leaves_no_transaction_behind(tmp_path):
    class RefusingCommit:
        def __init__(self, db):
            self.db, self.refuses = db, True

        def execute(self, text, *more):
            if text == "COMMIT" and self.refuses:
                raise sqlite3.OperationalError("database or disk is full")
            return self.db.execute(text, *more)

        def __getattr__(self, name):
            return getattr(self.db, name)

    store = JobStore(tmp_path / "jobs.sqlite")
    store._db = RefusingCommit(store._db)
    with pytest.raises(sqlite3.OperationalError):
        store.replace_pins("song", ["0" * 64])
    store._db.refuses = False
    store.replace_pins("song", ["1" * 64])
    assert store.protected_hashes() == {"1" * 64}
    store.close()


async def test_attach_of_a_job_whose_stream_fails_once_works_the_next_time(bench, fast_folder):
    refusals = Refusals(fast_folder)
    rig = Rig(fast_folder, bench, refusals)
    await rig.start()
    client = await rig.connect()
    accepted = await client.submit("noise", noise_params(1), 1)
    await client.end(accepted.job)
    late = await rig.connect()
    with refusals.on("file", "broken", skip=0):
        failed = await late.take_up(accepted.job)
    assert isinstance(failed, Failed)
    assert "cannot be read" in failed.sentence
    assert f"redo {accepted.job} --seed 1" in failed.remedy
    assert isinstance(await late.take_up(accepted.job), Done)
    assert isinstance(await client.ask(Attach(request="a", job=accepted.job)), Attached)
    await asyncio.sleep(0)
    await rig.stop()
