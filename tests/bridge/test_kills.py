"""Files and projects when the worker, the server, the connection or the command itself is killed."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import soundfile

from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.jobs.receive import StemReceiver
from bandmate_bridge.rpp import Project
from bandmate_protocol.messages import Timeline
from bandmate_protocol.session import StemPiece
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import RATE, audio_song, file_of, items_of
from tests.running import RunningServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")

SLOW = {"stems": 2, "pieces": 30, "delay_ms": 8}
VICTIMS = ("worker", "server")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path / "home").start()
    yield running
    running.stop()


class Killer(StemReceiver):
    """A receiver under fire: after so many pieces, something is killed."""

    def __init__(self, folder: Path, after: int, kill: Callable[[], None]) -> None:
        super().__init__(folder)
        self.left = after
        self.kill = kill

    def take(self, event: object) -> None:
        super().take(event)  # type: ignore[arg-type]
        if isinstance(event, StemPiece):
            self.left -= 1
            if self.left == 0:
                self.kill()


def rendered(client: Client, line: Timeline, receiver: StemReceiver, folder: Path) -> list[bytes]:
    accepted = client.submit("noise", line, SLOW, seed=9)
    JobRun(client, accepted.job, receiver).finish()
    kept = receiver.keep(lambda stem: folder / f"{accepted.job}-{stem.stem}.wav")
    return [received.path.read_bytes() for received in kept]


@pytest.mark.timeout(1800)
def test_killed_at_random_the_same_files_arrive(
    own_server: RunningServer, second: Timeline, tmp_path: Path, loops: Callable[[int, int], int]
) -> None:
    dice = random.Random(4)
    with Client.connect(own_server.address, token=own_server.token, role="test") as client:
        expected = rendered(client, second, StemReceiver(tmp_path), tmp_path)

        def kill(victim: str) -> Callable[[], None]:
            def now() -> None:
                time.sleep(dice.random() * 0.02)
                if victim == "worker":
                    for pid in own_server.workers():
                        psutil.Process(pid).kill()
                else:
                    own_server.kill()
                    own_server.start()

            return now

        for count in range(loops(4, 60)):
            victim = VICTIMS[count % 2]
            receiver = Killer(tmp_path, dice.randrange(1, 58), kill(victim))
            assert rendered(client, second, receiver, tmp_path) == expected, victim
            assert receiver.left <= 0, "it came to its end before it was killed"
        assert {job.state for job in client.jobs(1000)} == {"done"}
    assert not list(tmp_path.glob(".bandmate-*"))


@pytest.mark.timeout(1800)
def test_a_killed_command_leaves_the_project_as_it_was_or_whole(
    bandmate: CommandLine, song: Path, loops: Callable[[int, int], int]
) -> None:
    dice = random.Random(5)
    whole = 0
    for _ in range(loops(3, 60)):
        before = song.read_bytes()
        process = bandmate.start("generate", "bass", "--into", song, "--at", "1.1", "--bars", 2)
        time.sleep(dice.uniform(0.2, 1.6))
        process.kill()
        process.communicate()
        if song.read_bytes() != before:
            whole += 1
            item = Project.load(song).tracks[-1].items[0]
            assert item.take is not None
            assert item.take.source is not None
            assert item.take.source.file is not None
            assert item.take.source.file.stat().st_size > item.frames * 8
    bandmate.good("generate", "bass", "--into", song, "--at", "1.1", "--bars", 2)
    assert len(Project.load(song).tracks) == 3 + whole + 1


@pytest.mark.timeout(1800)
def test_a_killed_repaint_leaves_the_project_as_it_was_or_whole(
    bandmate: CommandLine, loops: Callable[[int, int], int]
) -> None:
    dice = random.Random(6)
    song = audio_song(bandmate.folder)
    untouched = song.read_bytes()
    run = ("repaint", "busier", "--into", song, "--track", "Drums", "--from", "5.1", "--to", "6.1")
    begun = time.monotonic()
    bandmate.good(*run)
    usual = time.monotonic() - begun
    for _ in range(loops(3, 60)):
        song.write_bytes(untouched)
        process = bandmate.start(*run)
        time.sleep(dice.uniform(0.3, 1.1) * usual)
        process.kill()
        process.communicate()
        if song.read_bytes() != untouched:
            assert [len(item.takes) for item in items_of(song)] == [1, 2, 1]
            made = file_of(items_of(song)[1])
            assert soundfile.info(made).frames == 2 * RATE
    song.write_bytes(untouched)
    bandmate.good(*run)
    assert [len(item.takes) for item in items_of(song)] == [1, 2, 1]
