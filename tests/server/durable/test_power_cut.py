"""The power is cut after a job was done and a file came up: both are there, or known to be missing.

Twice: on a disk that keeps only what was synced, by watching every sync of this process, and, where this
machine lets us mount one, on a real file system in an image that is copied while it is in use.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from bandmate_protocol.messages import Attach, Done, Have, JobList, ListJobs, Missing, Probe, Probed
from tests.running import RunningServer
from tests.server.durable.rig import Rig, noise_params, whole_files
from tests.server.durable.synced import SyncedFiles
from tests.server.test_audio import tone, wav
from tests.server.wire import Wire

IMAGE_BYTES = 64 << 20


@pytest.mark.anyio
@pytest.mark.parametrize("keep_log", [True, False], ids=["all commits", "synced commits"])
@pytest.mark.parametrize("lost", ["empty", "zeros", "half"])
async def test_what_was_told_to_be_done_outlasts_a_power_cut(bench, fast_folder, monkeypatch, lost, keep_log):
    synced = SyncedFiles()
    monkeypatch.setattr(os, "fsync", synced.fsync)
    before = fast_folder / "before"
    rig = Rig(before, bench)
    await rig.start()
    client = await rig.connect()
    data = wav(tone(0.1))
    await client.upload(data)
    job = (await client.submit("noise", noise_params(3), 5)).job
    assert isinstance(await client.end(job), Done)
    hashes = [client.finished[job, index] for index in range(3)]
    await client.until(lambda: not rig.desk.is_busy)
    await rig.sync()
    synced.cut(before, fast_folder / "after", lost, keep_log=keep_log)
    await rig.stop()

    rig = Rig(fast_folder / "after", bench)
    await rig.start()
    assert all(whole_files(rig.shelf.folder).values())
    client = await rig.connect()
    listed = await client.ask(ListJobs(request="l"))
    assert isinstance(listed, JobList)
    assert [(each.job, each.state) for each in listed.jobs] == [(job, "done")]
    assert isinstance(await client.take_up(job), Done)
    assert [client.finished[job, index] for index in range(3)] == hashes
    digest = hashlib.sha256(data).hexdigest()
    assert await client.ask(Have(request="h", sha256=(digest,))) == Missing(request="h")
    await rig.stop()


@pytest.mark.anyio
@pytest.mark.parametrize("lost", ["empty", "zeros", "half"])
async def test_what_was_poisoned_by_an_older_version_mends_itself(bench, fast_folder, monkeypatch, lost):
    """Nothing is synced, as before: names are there, bytes are not."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    synced = SyncedFiles()
    before = fast_folder / "before"
    rig = Rig(before, bench)
    await rig.start()
    client = await rig.connect()
    data = wav(tone(0.1))
    digest = hashlib.sha256(data).hexdigest()
    await client.upload(data)
    job = (await client.submit("noise", noise_params(1), 5)).job
    await client.end(job)
    synced.cut(before, fast_folder / "after", lost, keep_log=True)
    await rig.stop()
    assert not all(whole_files(fast_folder / "after" / "audio").values()), "the cut has taken something"

    rig = Rig(fast_folder / "after", bench)
    await rig.start()
    assert all(whole_files(rig.shelf.folder).values())
    client = await rig.connect()
    failed = await client.take_up(job)
    assert f"redo {job} --seed 5" in failed.remedy
    assert (await client.ask(Have(request="h", sha256=(digest,)))).sha256 == (digest,)
    await client.upload(data)
    assert isinstance(await client.ask(Probe(request="p", sha256=digest)), Probed)
    again = (await client.submit("noise", noise_params(1), 5)).job
    assert isinstance(await client.end(again), Done)
    assert isinstance(await (await rig.connect()).take_up(again), Done)
    await rig.stop()


class Image:
    """An ext4 file system in a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "disk.img"
        self.mounted: list[Path] = []

    def make(self) -> None:
        with self.file.open("wb") as file:
            file.truncate(IMAGE_BYTES)
        _run("mkfs.ext4", "-q", str(self.file))

    def mount(self, where: Path) -> Path:
        where.mkdir()
        _run("mount", "-o", "loop", str(self.file), str(where))
        self.mounted.append(where)
        return where

    def unmount(self) -> None:
        while self.mounted:
            _run("umount", str(self.mounted.pop()))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def can_mount() -> bool:
    """Whether this machine lets us mount an image: it takes root and loop devices."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        image = Image(Path(folder))
        try:
            with image.file.open("wb") as file:
                file.truncate(2 << 20)
            _run("mkfs.ext4", "-q", str(image.file))
            image.mount(Path(folder) / "mounted")
            image.unmount()
        except (OSError, subprocess.CalledProcessError):
            return False
    return True


# Left out rather than skipped where there is no such disk: the tests above say the same of a watched one.
if can_mount():

    def test_a_real_disk_has_what_was_told_to_be_done(tmp_path):
        image = Image(tmp_path)
        image.make()
        server = RunningServer(tmp_path / "home")
        try:
            mounted = image.mount(tmp_path / "before")
            server.environ["BANDMATE_SERVER_DATA"] = str(mounted / "data")
            server.start()
            data = wav(tone(2.0))
            with Wire(server) as wire:
                _run("sync", "-f", str(mounted))
                digest = wire.upload(data)
                done = wire.run("noise", {"stems": 2}, seed=3)
                hashes = [wire.finished[done.job, index] for index in range(2)]
                # A lane begins its next job once the end of the one before is on the disk.
                later = wire.run("noise", {"stems": 1}, seed=4, seconds=0.1)
                assert isinstance(later, Done)
                # The plug is pulled here: what the file has is what had reached the disk.
                shutil.copyfile(image.file, tmp_path / "cut.img")
            server.kill()
            image.unmount()

            image.file = tmp_path / "cut.img"
            mounted = image.mount(tmp_path / "after")
            server.environ["BANDMATE_SERVER_DATA"] = str(mounted / "data")
            server.start()
            with Wire(server) as wire:
                listed = wire.ask(ListJobs(request="l", prefix=done.job)).jobs
                assert [each.state for each in listed] == ["done"]
                wire.send(Attach(request="a", job=done.job))
                assert isinstance(wire.end(done.job), Done)
                assert [wire.finished[done.job, index] for index in range(2)] == hashes
                assert wire.ask(Have(request="h", sha256=(digest,))) == Missing(request="h")
                assert isinstance(wire.ask(Probe(request="p", sha256=digest)), Probed)
            assert server.stop() == 0
            assert all(whole_files(mounted / "data" / "audio").values())
        finally:
            server.stop()
            image.unmount()
