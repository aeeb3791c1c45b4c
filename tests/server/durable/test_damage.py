"""What is on the shelf or in the spool is damaged, gone, or cannot be read: it is said, and mends itself."""

import asyncio
import hashlib
import os
import threading
from pathlib import Path

import pytest

from bandmate_protocol.codec import encode_message
from bandmate_protocol.messages import (
    Done,
    Failed,
    Have,
    Input,
    Missing,
    Pong,
    Probe,
    Probed,
    Upload,
    Uploaded,
)
from bandmate_server.audio import BlobStore, UploadStore
from bandmate_server.audio.recheck import recheck_recent_blobs
from bandmate_server.jobs import JobStore
from bandmate_server.sessions.stream import JobStream
from bandmate_server.spool import JobSpool, SpoolWriter
from bandmate_server.spool.journal import message_record
from tests.server.durable.rig import Rig, noise_params
from tests.server.durable.synced import SyncedFiles
from tests.server.test_audio import tone, wav

pytestmark = pytest.mark.anyio

DAMAGE = {
    "cut to half": lambda data: data[: len(data) // 2],
    "one byte": lambda data: data[:1],
    "empty": lambda data: b"",
    "zeros of the same length": lambda data: bytes(len(data)),
    "a flipped bit": lambda data: bytes([data[0] ^ 1]) + data[1:],
}


@pytest.fixture
async def rig(bench, fast_folder):
    made = Rig(fast_folder, bench)
    await made.start()
    yield made
    await made.stop()


@pytest.mark.parametrize("how", DAMAGE)
async def test_a_damaged_stem_is_said_and_made_again(rig, how):
    client = await rig.connect()
    job = (await client.submit("noise", noise_params(1), 1)).job
    await client.end(job)
    digest = client.finished[job, 0]
    stem = rig.shelf.stem_path(digest)
    whole = stem.read_bytes()
    # Found whole once: a damage that comes later is seen all the same.
    assert isinstance(await (await rig.connect()).take_up(job), Done)
    stem.write_bytes(DAMAGE[how](whole))
    late = await rig.connect()
    failed = await late.take_up(job)
    assert isinstance(failed, Failed)
    assert failed.code == "input_missing"
    assert f"redo {job} --seed 1" in failed.remedy
    assert (await late.ask(Have(request="h", sha256=(digest,)))).sha256 == (digest,)
    again = (await client.submit("noise", noise_params(1), 1)).job
    assert isinstance(await client.end(again), Done)
    assert stem.read_bytes() == whole
    assert isinstance(await late.take_up(job), Done), "the first job has its audio back"


async def test_a_stem_counts_as_checked_as_soon_as_it_is_finished(rig):
    """It was hashed as it was written: whoever fetches it first need not wait until it is read again."""
    client = await rig.connect()
    job = (await client.submit("noise", noise_params(1), 1)).job
    await client.end(job)
    stem = rig.shelf.stem_path(client.finished[job, 0])
    found = stem.stat()
    assert rig.store.checked.checked_state(stem.name) == (found.st_size, found.st_mtime_ns)


async def test_a_redo_replaces_a_stem_that_was_damaged_unseen(rig):
    client = await rig.connect()
    job = (await client.submit("noise", noise_params(1), 1)).job
    await client.end(job)
    stem = rig.shelf.stem_path(client.finished[job, 0])
    whole = stem.read_bytes()
    stem.write_bytes(bytes(len(whole)))
    await client.end((await client.submit("noise", noise_params(1), 1)).job)
    assert stem.read_bytes() == whole


@pytest.mark.parametrize("how", DAMAGE)
async def test_a_damaged_upload_is_asked_for_and_replaced(rig, how):
    client = await rig.connect()
    data = wav(tone(0.02), subtype="FLOAT")
    digest = hashlib.sha256(data).hexdigest()
    assert isinstance(await client.upload(data), Uploaded)
    kept = rig.shelf.upload_path(digest)
    kept.write_bytes(DAMAGE[how](data))
    refused = await client.submit("gain", {}, 1, inputs=(Input(role="source", sha256=digest),))
    assert refused.code == "input_missing"
    assert (await client.ask(Have(request="h", sha256=(digest,)))).sha256 == (digest,)
    assert isinstance(await client.upload(data), Uploaded)
    assert kept.read_bytes() == data
    job = (await client.submit("gain", {}, 1, inputs=(Input(role="source", sha256=digest),))).job
    assert isinstance(await client.end(job), Done)


@pytest.mark.parametrize("place", ["a folder", "a link to itself"])
async def test_a_stem_that_cannot_be_read_is_said_and_logged(rig, place, caplog):
    client = await rig.connect()
    job = (await client.submit("noise", noise_params(1), 1)).job
    await client.end(job)
    stem = rig.shelf.stem_path(client.finished[job, 0])
    stem.unlink()
    if place == "a folder":
        stem.mkdir()
    else:
        stem.symlink_to(stem)
    failed = await (await rig.connect()).take_up(job)
    assert isinstance(failed, Failed)
    assert "cannot be read" in failed.sentence
    assert str(rig.data) not in failed.sentence
    assert "redo" in failed.remedy
    assert any(record.levelname == "ERROR" and record.exc_info for record in caplog.records)
    # A folder cannot be replaced; the next job of that seed says so rather than nothing.
    end = await client.end((await client.submit("noise", noise_params(1), 1)).job)
    assert isinstance(end, Done if place == "a link to itself" else Failed)
    assert str(rig.data) not in getattr(end, "sentence", "")


@pytest.mark.parametrize(
    "left", ["nothing", "an empty file", "half of it", "rubbish", "a huge record", "another job's", "a pong"]
)
async def test_a_journal_that_is_not_whole_is_said(rig, left):
    client = await rig.connect()
    job = (await client.submit("noise", noise_params(2), 1)).job
    await client.end(job)
    journal = rig.data / "spool" / job / "0.journal"
    data = journal.read_bytes()
    if left == "nothing":
        journal.unlink()
    else:
        journal.write_bytes(
            {
                "an empty file": b"",
                "half of it": data[: len(data) // 2],
                "rubbish": b"\xff" * len(data),
                "a huge record": b"M\xff\xff\xff\x7f" + data,
                "another job's": data.replace(job.encode(), b"zzzzzzzz"),
                "a pong": message_record(encode_message(Pong(request="p"))) + data,
            }[left]
        )
    failed = await (await rig.connect()).take_up(job)
    assert isinstance(failed, Failed), failed
    assert f"redo {job} --seed 1" in failed.remedy
    assert str(rig.data) not in failed.sentence


async def test_a_job_without_stems_is_done_without_its_journal(rig):
    client = await rig.connect()
    job = (await client.submit("where", {}, 1)).job
    assert isinstance(await client.end(job), Done)
    for journal in rig.data.glob(f"spool/{job}/*"):
        journal.unlink()
    assert isinstance(await (await rig.connect()).take_up(job), Done)


async def test_a_fault_that_nobody_thought_of_closes_the_connection_and_is_logged(rig, monkeypatch, caplog):
    """The client then connects again and takes up its jobs there, rather than wait for ever."""

    async def fail(self):
        raise RuntimeError("nobody thought of this")

    client = await rig.connect()
    job = (await client.submit("noise", noise_params(1), 1)).job
    await client.end(job)
    late = await rig.connect()
    with monkeypatch.context() as patch:
        patch.setattr(JobStream, "_send_progress", fail)
        late.session.attach(job)
        late._flush()
        await late.until(lambda: late.closed)
    assert any("nobody thought of this" in str(record.exc_info) for record in caplog.records)
    assert isinstance(await (await rig.connect()).take_up(job), Done)


async def test_two_clients_bring_the_same_file_at_once(rig):
    data = os.urandom(50_000)
    first, second = await rig.connect(), await rig.connect()
    answers = await asyncio.gather(first.upload(data, 3_000), second.upload(data, 7_000))
    assert [type(answer) for answer in answers] == [Uploaded, Uploaded]
    assert rig.shelf.upload_path(hashlib.sha256(data).hexdigest()).read_bytes() == data


async def test_a_part_that_holds_rubbish_is_dropped_and_sent_again(rig):
    data = os.urandom(9_000)
    digest = hashlib.sha256(data).hexdigest()
    rubbish, honest = await rig.connect(), await rig.connect()
    rubbish.send(Upload(sha256=digest, total_bytes=9_000, offset=0, data=bytes(3_000)))
    await rubbish.ask(Have(request="sync", sha256=(digest,)))
    refused = await honest.upload(data)
    assert refused.code == "input_unusable"
    assert (await honest.ask(Have(request="h", sha256=(digest,)))).offsets == (0,)
    assert isinstance(await honest.upload(data), Uploaded)


async def test_a_part_longer_than_the_file_does_not_keep_it_out(rig):
    data = os.urandom(5_000)
    digest = hashlib.sha256(data).hexdigest()
    liar, honest = await rig.connect(), await rig.connect()
    liar.send(Upload(sha256=digest, total_bytes=20_000, offset=0, data=bytes(9_000)))
    await liar.ask(Have(request="sync", sha256=(digest,)))
    assert isinstance(await honest.upload(data), Uploaded)


async def test_a_file_whose_check_was_cut_off_is_checked_at_an_empty_piece(rig):
    data = os.urandom(5_000)
    digest = hashlib.sha256(data).hexdigest()
    (rig.uploads.folder / f"{digest}.part").write_bytes(data)
    client = await rig.connect()
    missing = await client.ask(Have(request="h", sha256=(digest,)))
    assert missing.offsets == (5_000,)
    client.send(Upload(sha256=digest, total_bytes=5_000, offset=5_000, data=b""))
    await client.until(lambda: bool(client._uploaded))
    assert await client.ask(Have(request="i", sha256=(digest,))) == Missing(request="i")


async def test_other_requests_are_answered_while_a_long_file_is_checked(rig, monkeypatch):
    """The check waits for an answer that comes only if the server goes on beside it."""
    import bandmate_server.audio.uploads as uploads

    begun, answered = threading.Event(), threading.Event()
    real = uploads.digest

    def slow_digest(*arguments):
        begun.set()
        assert answered.wait(20), "nothing was answered meanwhile"
        return real(*arguments)

    monkeypatch.setattr(uploads, "digest", slow_digest)
    client = await rig.connect()
    coming = asyncio.create_task(client.upload(os.urandom(5_000)))
    assert await asyncio.to_thread(begun.wait, 60)
    pong = await client.ask(Have(request="meanwhile", sha256=("0" * 64,)))
    assert isinstance(pong, Missing)
    answered.set()
    assert isinstance(await coming, Uploaded)


async def test_more_questions_than_are_answered_beside_each_other_are_all_answered(rig):
    client = await rig.connect()
    for number in range(100):
        client.send(Have(request=f"q{number}", sha256=("0" * 64,)))
    await client.until(lambda: len(client._answers) == 100)


async def test_a_name_by_hash_is_given_to_synced_bytes_only(fast_folder, monkeypatch):
    """When a name comes to the shelf its bytes are on the disk; the folder is synced after that."""
    import numpy as np

    shelf = fast_folder / "audio"
    synced = SyncedFiles()
    order = []

    def fsync(handle):
        synced.fsync(handle)
        target = os.readlink(f"/proc/self/fd/{handle}")
        order.append("folder" if target == str(shelf) else "file" if "audio" not in target else target)

    real = os.replace

    def named(source, target):
        order.append("name")
        found = os.stat(source)
        assert synced._contents[found.st_dev, found.st_ino] == Path(source).read_bytes()
        real(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", named)
    writer = SpoolWriter(JobSpool(fast_folder / "spool" / "abcdefgh"), 0)
    writer.begin_stem(0, 0, 2)
    writer.append_audio(0, 0, np.ones((1000, 2), np.float32))
    writer.end_stem(0, 0, shelf)
    writer.close()
    assert order == ["file", "name", "folder"]
    order.clear()
    uploads = UploadStore(BlobStore(shelf), fast_folder / "uploads", 1 << 20)
    data = b"x" * 1_000
    digest = hashlib.sha256(data).hexdigest()
    assert await uploads.accept_piece(Upload(sha256=digest, total_bytes=1_000, offset=0, data=data))
    await uploads.complete_upload(digest)
    assert order == ["file", "name", "folder"]


async def test_after_an_end_out_of_order_what_is_young_is_checked(tmp_path):
    store = JobStore(tmp_path / "jobs.sqlite")
    assert store.marks.mark_running() == 0, "there was no server before"
    shelf = BlobStore(tmp_path / "audio", store.checked)
    old, young = (os.urandom(1_000) for _ in range(2))
    names = [hashlib.sha256(data).hexdigest() for data in (old, young)]
    shelf.upload_path(names[0]).write_bytes(old)
    assert await shelf.find(names[0])
    store.marks.mark_stopped()
    store.close()

    store = JobStore(tmp_path / "jobs.sqlite")
    shelf = BlobStore(tmp_path / "audio", store.checked)
    assert store.marks.mark_running() is None, "it ended in order"
    shelf.upload_path(names[1]).write_bytes(young)
    assert await shelf.find(names[1])
    store.close()  # as a kill leaves it

    store = JobStore(tmp_path / "jobs.sqlite")
    shelf = BlobStore(tmp_path / "audio", store.checked)
    since_ms = store.marks.mark_running()
    assert since_ms
    # Put back what a power cut takes, with the time and size that were noted.
    path = shelf.upload_path(names[1])
    times = path.stat()
    path.write_bytes(bytes(1_000))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    store.checked.forget_since(since_ms)
    await recheck_recent_blobs(shelf, since_ms)
    assert not path.exists()
    assert store.checked.checked_state(f"{names[0]}.bin"), "what is older is believed"
    store.close()


async def test_a_probe_of_a_damaged_file_says_that_it_is_missing(rig):
    client = await rig.connect()
    data = wav(tone(0.02))
    await client.upload(data)
    digest = hashlib.sha256(data).hexdigest()
    assert isinstance(await client.ask(Probe(request="p", sha256=digest)), Probed)
    rig.shelf.upload_path(digest).write_bytes(data[:100])
    assert (await client.ask(Probe(request="q", sha256=digest))).code == "input_missing"
