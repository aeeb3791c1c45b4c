"""OSC over real UDP, with real clients: liblo's tools and python-osc."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import build_msg

from bandmate_protocol.messages import Accepted, Done
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import audio_song
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer
from tests.server.osc.surface import V1, Surface, free_port
from tests.server.wire import Wire


@pytest.fixture(scope="module")
def osc_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, osc_port: int) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("home"), "--osc", "--osc-port", str(osc_port)).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def surface(server: RunningServer, osc_port: int) -> Iterator[Surface]:
    found = Surface(osc_port)
    yield found
    found.send("unsubscribe")
    found.close()


@pytest.fixture
def watched(server: RunningServer, tmp_path: Path) -> Iterator[Path]:
    """A project that `bandmate watch` looks at."""
    folder = tmp_path / "work"
    folder.mkdir()
    song = audio_song(folder)
    bandmate = CommandLine(server.home, folder)
    process = bandmate.start("watch", song, "--at", "9.1", "--bars", 2, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    assert "Watching" in process.stdout.readline()
    yield song
    process.terminate()
    process.communicate(timeout=30)


def test_a_press_generates_into_the_project_and_the_surface_sees_it(surface: Surface, watched: Path) -> None:
    surface.subscribe()
    surface.until(lambda: surface.last("target/name") not in (None, ""))
    surface.send("param/generate/prompt", "warm upright bass")
    surface.send("task/generate", 1.0)
    surface.send("task/generate", 0.0)
    surface.until(lambda: surface.last("job/state") == "done")
    states = [state for state in surface.every("job/state") if state != "idle"]
    assert states == sorted(states, key=["asked", "queued", "running", "done"].index)
    progress = surface.every("job/progress")
    assert progress[-1] == 1.0
    assert surface.last("stem/1/name") == "Upright bass"
    assert str(surface.last("stem/1/colour")).startswith("#")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while b"Upright bass" not in watched.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_a_project_the_surface_is_told_and_what_is_set_stays(surface: Surface) -> None:
    surface.subscribe()
    surface.send("param/cover/strength", 0.8)
    surface.send("task/cover", 1)
    surface.until(lambda: "bandmate watch" in str(surface.last("error")))
    again = Surface(surface.client._port)
    again.subscribe()
    assert again.last("param/cover/strength") == pytest.approx(0.8)
    assert again.last("param/cover/strength/str") == "0.80"
    again.close()


class Dump:
    """`oscdump`, with what it printed so far."""

    def __init__(self, port: int) -> None:
        command = ["oscdump", "-L", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def until(self, part: str, again: Callable[[], None]) -> None:
        """Does `again` each second until a line has that part: a datagram may be lost."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(part in line for line in list(self.lines)):
            assert time.monotonic() < deadline, (part, self.lines[-20:])
            again()
            for _ in range(20):
                time.sleep(0.05)
                if any(part in line for line in list(self.lines)):
                    break

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def test_liblos_tools_see_and_set(server: RunningServer, osc_port: int) -> None:
    port = free_port()
    dump = Dump(port)

    def send(path: str, types: str, *values: str) -> None:
        command = ["oscsend", "127.0.0.1", str(osc_port), f"{V1}/{path}", types, *values]
        subprocess.run(command, check=True)

    try:
        dump.until(f"{V1}/hello", lambda: send("subscribe", "is", str(port), "desk"))
        dump.until(f"{V1}/slot/64/armed/str", lambda: send("subscribe", "is", str(port), "desk"))
        dump.until(
            f'{V1}/param/separate/mode/str s "two"', lambda: send("param/separate/mode/str", "s", "two")
        )
        dump.until("the nearest limit was used", lambda: send("param/separate/shifts/raw", "i", "99"))
    finally:
        dump.close()


def test_bundles_are_taken_apart(surface: Surface) -> None:
    surface.subscribe()
    bundle = OscBundleBuilder(IMMEDIATELY)
    bundle.add_content(build_msg(f"{V1}/param/separate/overlap/raw", [0.5]))
    bundle.add_content(build_msg(f"{V1}/slot/3/arm"))
    surface.client.send(bundle.build())
    surface.until(lambda: surface.last("slot/3/armed") == 1)
    surface.until(lambda: surface.last("param/separate/overlap/raw") == 0.5)


GARBAGE = [
    b"",
    b"\0",
    b"/",
    b"/bandmate/v1/param/cover/strength",
    b"/bandmate/v1/param/cover/strength\0\0\0,f\0\0",
    b"/bandmate/v1/task/cover\0,",
    b"#bundle\0" + b"\xff" * 40,
    b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x10#bundle\0",
    b"\xff" * 2000,
    b"x" * 20_000,
    build_msg("/mixer/1/fader", [0.5]).dgram,
    build_msg(f"{V1}/subscribe", [-1]).dgram,
    build_msg(f"{V1}/subscribe", ["x"]).dgram,
    build_msg(f"{V1}/param/cover/strength", ["loud"]).dgram,
    build_msg(f"{V1}/slot/65/fire").dgram,
]


def test_garbage_is_survived(surface: Surface, server: RunningServer) -> None:
    surface.subscribe()
    for data in GARBAGE:
        surface.client._sock.sendto(data, ("127.0.0.1", surface.client._port))
    surface.send("param/separate/overlap/raw", 0.25)
    surface.until(lambda: surface.last("param/separate/overlap/raw") == 0.25)
    assert "Traceback" not in server.log


def test_a_flood_changes_nothing_but_the_value(
    surface: Surface, server: RunningServer, loops: Callable[[int, int], int]
) -> None:
    """10 000 a second; ten seconds with --full, one without. The audio of a job is the same to the byte."""
    surface.subscribe()
    request = {"task": "generate", "params": {"prompt": "funk band"}, "seconds": loops(20, 200), "seed": 5}
    with Wire(server) as wire:
        assert isinstance(wire.run(**request), Done)
        quiet = sorted(wire.finished.values())
        accepted = wire.submit(**request)
        assert isinstance(accepted, Accepted)
        flood(surface, server, loops)
        assert isinstance(wire.end(accepted.job, 120), Done)
        loud = sorted(digest for (job, _), digest in wire.finished.items() if job == accepted.job)
    assert quiet == loud != []


def flood(surface: Surface, server: RunningServer, loops: Callable[[int, int], int]) -> None:
    """Turns one parameter all the time; memory stays, and the newest value wins."""
    before = server.memory_bytes()
    heard = len(surface.seen)
    started = time.monotonic()
    for second in range(loops(1, 10)):
        for number in range(10_000):
            surface.send("param/cover/strength/raw", number / 10_000)
        rest = started + second + 1 - time.monotonic()
        time.sleep(max(rest, 0))
    surface.send("param/cover/strength/raw", 0.125)
    surface.until(lambda: surface.last("param/cover/strength/raw") == 0.125)
    assert server.memory_bytes() - before < 20e6
    # The hand that moves it is not told where it is: what came is far less than what was sent.
    assert len(surface.seen) - heard < 1000


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        (tmp_path / "work").mkdir()
        bandmate = CommandLine(tmp_path / "home", tmp_path / "work")
        said = bandmate.refused("serve", "--port", 0, "--osc", "--osc-port", port)
    assert f"OSC cannot listen on port {port}" in said
    assert "--osc-port 0" in said
