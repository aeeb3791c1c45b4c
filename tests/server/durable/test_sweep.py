"""What nobody needs any more goes: half uploads, journals of jobs whose audio is gone, old recipes."""

import hashlib
import os
import time

import pytest

from bandmate_protocol.messages import Annotate, Done, DropJobs, Failed, Have, RestoreJobs, Upload
from bandmate_server.jobs import retention
from bandmate_server.jobs.dropping import DROP_UNDO_MS
from tests.server.durable.rig import Rig, noise_params

pytestmark = pytest.mark.anyio

DAY_SECONDS = 86_400


@pytest.fixture
async def rig(bench, fast_folder):
    made = Rig(fast_folder, bench)
    await made.start()
    yield made
    await made.stop()


def make_old(path, days):
    then = time.time() - days * DAY_SECONDS
    os.utime(path, (then, then))


async def half_upload(client, size=5_000):
    data = os.urandom(size)
    digest = hashlib.sha256(data).hexdigest()
    client.send(Upload(sha256=digest, total_bytes=size * 2, offset=0, data=data))
    missing = await client.ask(Have(request=f"sync-{digest[:8]}", sha256=(digest,)))
    assert missing.offsets == (size,)
    return digest


async def done_job(client, seed):
    job = (await client.submit("noise", noise_params(1), seed)).job
    assert isinstance(await client.end(job), Done)
    return job, client.finished[job, 0]


async def test_half_uploads_older_than_a_week_go(rig):
    client = await rig.connect()
    old, new = [await half_upload(client) for _ in range(2)]
    make_old(rig.uploads.folder / f"{old}.part", 8)
    (rig.shelf.folder / f"{old}.part").write_bytes(b"left by a kill")
    make_old(rig.shelf.folder / f"{old}.part", 8)
    await rig.sweep(1 << 30)
    assert [path.stem for path in rig.uploads.folder.iterdir()] == [new]
    assert not list(rig.shelf.folder.glob("*.part"))


async def test_half_uploads_count_in_the_budget_and_idle_ones_go_by_age(rig):
    client = await rig.connect()
    halves = [await half_upload(client) for _ in range(4)]
    for age, digest in enumerate(halves[:3]):
        make_old(rig.uploads.folder / f"{digest}.part", 3 - age)
    await rig.sweep(10_000)
    left = {path.stem for path in rig.uploads.folder.iterdir()}
    assert left == set(halves[2:]), "the oldest two went, the one that still comes did not"
    await rig.sweep(0)
    assert [path.stem for path in rig.uploads.folder.iterdir()] == [halves[3]]


async def test_a_job_whose_audio_was_dropped_keeps_its_recipe_and_loses_its_folder(rig):
    client = await rig.connect()
    gone, digest = await done_job(client, 1)
    kept, _ = await done_job(client, 2)
    rig.shelf.stem_path(digest).unlink()
    rig.store._db.execute("UPDATE job SET finished_ms = finished_ms - ?", (8 * DAY_SECONDS * 1000,))
    await rig.sweep(1 << 30)
    assert [path.name for path in (rig.data / "spool").iterdir()] == [kept]
    assert rig.store.last_used().keys() == {client.finished[kept, 0]}
    failed = await (await rig.connect()).take_up(gone)
    assert isinstance(failed, Failed)
    assert f"redo {gone} --seed 1" in failed.remedy
    again, _ = await done_job(client, 1)
    assert isinstance(await (await rig.connect()).take_up(kept), Done)
    assert isinstance(await (await rig.connect()).take_up(again), Done)


async def keep(client, job, kept=True):
    said = await client.ask(Annotate(request=f"keep-{job}-{kept}", job=job, kept=kept))
    assert said.jobs[0].kept is kept


async def test_a_kept_job_stays_whole_whatever_the_budget_and_its_age(rig):
    client = await rig.connect()
    base, base_hash = await done_job(client, 1)
    patch = await client.submit("noise", noise_params(1), 2, origin={"base": base})
    assert isinstance(await client.end(patch.job), Done)
    lost, _ = await done_job(client, 3)
    await keep(client, patch.job)
    rig.store._db.execute("UPDATE job SET finished_ms = finished_ms - ?", (retention.RECIPE_MS + 1000,))
    await rig.sweep(0)
    assert {path.stem for path in rig.shelf.folder.glob("*.f32")} == {
        base_hash,
        client.finished[patch.job, 0],
    }, "its own audio, and that of the job that it is heard together with"
    assert rig.store.known_job_ids() == {base, patch.job}
    assert {path.name for path in (rig.data / "spool").iterdir()} == {base, patch.job}
    assert isinstance(await (await rig.connect()).take_up(patch.job), Done)
    await keep(client, patch.job, kept=False)
    await rig.sweep(0)
    assert not list(rig.shelf.folder.glob("*.f32"))
    assert rig.store.known_job_ids() == set()
    assert lost


async def test_dropped_jobs_are_deleted_once_they_cannot_be_restored(rig):
    client = await rig.connect()
    jobs = [(await done_job(client, seed))[0] for seed in (1, 2)]
    assert (await client.ask(DropJobs(request="d", jobs=jobs))).disk_bytes > 0
    await rig.sweep(1 << 30)
    assert [each.job for each in (await client.ask(RestoreJobs(request="r", jobs=jobs[:1]))).jobs] == jobs[:1]
    rig.store._db.execute("UPDATE listing SET dropped_ms = dropped_ms - ?", (DROP_UNDO_MS + 1,))
    await rig.sweep(1 << 30)
    assert rig.store.known_job_ids() == {jobs[0]}
    assert [path.stem for path in rig.shelf.folder.glob("*.f32")] == [client.finished[jobs[0], 0]]
    assert [path.name for path in (rig.data / "spool").iterdir()] == [jobs[0]]


async def test_a_recipe_without_audio_goes_after_a_year(rig):
    client = await rig.connect()
    gone, digest = await done_job(client, 1)
    kept, _ = await done_job(client, 2)
    rig.shelf.stem_path(digest).unlink()
    rig.store._db.execute("UPDATE job SET finished_ms = finished_ms - ?", (retention.RECIPE_MS + 1000,))
    await rig.sweep(1 << 30)
    assert rig.store.known_job_ids() == {kept}
    assert rig.store.stems_of(gone) == ()


async def test_folders_that_no_job_knows_go_after_a_week(rig):
    client = await rig.connect()
    job, _ = await done_job(client, 1)
    for name in ("zzzzzzzz", "yyyyyyyy"):
        (rig.data / "spool" / name).mkdir()
        (rig.data / "spool" / name / "0.journal").write_bytes(b"")
    make_old(rig.data / "spool" / "zzzzzzzz", 8)
    make_old(rig.data / "spool" / job, 8)
    await rig.sweep(1 << 30)
    assert {path.name for path in (rig.data / "spool").iterdir()} == {job, "yyyyyyyy"}


async def test_what_an_interrupted_job_had_rendered_goes_at_once(bench, fast_folder):
    rig = Rig(fast_folder, bench)
    await rig.start()
    client = await rig.connect()
    job, _ = await done_job(client, 1)
    half = fast_folder / "spool" / job / "0-0-0.f32"
    half.write_bytes(bytes(10_000))
    rig.store._db.execute("UPDATE job SET state = 'running'")
    await rig.stop()
    again = Rig(fast_folder, bench)
    await again.start()
    assert again.store.newest_jobs(1)[0].state == "interrupted"
    assert not half.exists()
    assert isinstance(await (await again.connect()).take_up(job), Done), "it starts again"
    await again.stop()


async def test_while_a_damaged_table_lies_there_nothing_older_is_dropped(bench, fast_folder):
    rig = Rig(fast_folder, bench)
    await rig.start()
    client = await rig.connect()
    _, pinned = await done_job(client, 1)
    make_old(rig.shelf.stem_path(pinned), 1)
    rig.store.replace_pins("song", [pinned])
    await rig.stop()
    (fast_folder / "jobs.sqlite").write_bytes(b"rubbish" * 1000)
    again = Rig(fast_folder, bench)
    await again.start()
    client = await again.connect()
    _, young = await done_job(client, 2)
    then = time.time() + 2
    os.utime(again.shelf.stem_path(young), (then, then))
    assert again.store.protected_hashes() == set(), "the pins are lost"
    await again.sweep(0)
    assert again.shelf.stem_path(pinned).exists()
    assert not again.shelf.stem_path(young).exists()
    for aside in fast_folder.glob("jobs.sqlite.damaged-*"):
        aside.unlink()
    await again.sweep(0)
    assert not again.shelf.stem_path(pinned).exists()
    await again.stop()
