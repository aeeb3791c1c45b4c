"""The plugin's window, worked by a mouse and a keyboard on a real X server."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer
from tests.vst.clap_host import Song
from tests.vst.clap_window import WindowHost, missing_tools, x_server


@pytest.fixture
def host(built: Path, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[WindowHost]:
    if missing := missing_tools():
        pytest.skip(f"no window can be tried here, for want of {', '.join(missing)}")
    with x_server() as display:
        monkeypatch.setenv("DISPLAY", display)
        opened = WindowHost(built / "plugins" / "bandmate.clap", Song(frame=400_000))
        yield opened
        opened.close()


def idle_until(host: WindowHost, good: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not good():
        assert time.monotonic() < deadline, host.state
        host.idle()
        host.block(512)
        time.sleep(0.01)


def do(*words: object) -> None:
    subprocess.run(["xdotool", *map(str, words)], check=True, timeout=PATIENCE_SECONDS)


@contextmanager
def receiver(built: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program's window right of the host's, which prints the files that are dropped on it."""
    command = [built / "driver" / "receive_drop", "900", "100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            yield program
        finally:
            program.kill()


def drop_there(host: WindowHost, program: subprocess.Popen[str], x: int, y: int) -> list[Path]:
    """The files that arrive from a drag of what lies at x, y."""
    do("mousemove", x, y, "mousedown", 1)
    for to in (x + 20, 700, 950, 960):
        do("mousemove", to, 200)
        for _ in range(5):
            host.idle()
            time.sleep(0.01)
    do("mouseup", 1)
    idle_until(host, lambda: program.poll() is not None)
    assert program.stdout is not None
    return [Path(unquote(urlsplit(line).path)) for line in program.stdout.read().split()]


def test_stems_are_dragged_into_another_program(host: WindowHost, built: Path) -> None:
    host.until(lambda state: state["status"] == "Ready")
    host.set("bars", 1)
    host.set("generate", 1)
    host.until(lambda state: state["status"] == "Done")
    host.open()
    for _ in range(20):
        host.idle()
        time.sleep(0.01)
    take = host.state["takes"][-1]
    stems = [take["stems"][number] for number in sorted(take["stems"], key=int)]
    with receiver(built) as program:
        one = drop_there(host, program, 300, 260)
    with receiver(built) as program:
        everything = drop_there(host, program, 440, 210)
    assert one == everything[:1]
    assert len(everything) == len(stems)
    for path, stem in zip(everything, stems, strict=True):
        assert path.name.startswith(f"{stem['name']} bar {take['recipe']['timeline']['bar']} ")
        assert path.read_bytes() == Path(stem["path"]).read_bytes()
    host.shut()


def mix_of_first_stem(host: WindowHost) -> dict[str, Any]:
    stems = host.state["takes"][-1]["stems"]
    return stems[min(stems, key=int)]["mix"]


def test_what_is_typed_is_generated_and_saved(host: WindowHost) -> None:
    host.until(lambda state: state["status"] == "Ready")
    host.set("bars", 1)
    host.open()
    for _ in range(20):
        host.idle()
    do("mousemove", 100, 50, "click", 1)
    for _ in range(20):
        host.idle()
    do("type", "--delay", 20, "quiet waltz")
    idle_until(host, lambda: host.state["window"]["prompt"] == "quiet waltz")
    do("key", "Return")
    idle_until(host, lambda: host.state["status"] == "Done")
    take = host.state["takes"][-1]
    assert take["recipe"]["params"]["prompt"] == "quiet waltz"
    # The first stem's M, and its level by the pointer.
    do("mousemove", 48, 258, "click", 1)
    idle_until(host, lambda: mix_of_first_stem(host)["mute"])
    do("mousemove", 100, 258, "mousedown", 1, "mousemove", 20, 258, "mouseup", 1)
    idle_until(host, lambda: mix_of_first_stem(host)["level"] == 0)
    host.shut()


def memory_megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_a_window_of_one_pixel_and_one_opened_often_lose_nothing(host: WindowHost) -> None:
    files = memory = 0.0
    for count in range(100):
        if count == 20:
            files, memory = len(os.listdir("/proc/self/fd")), memory_megabytes()
        host.open()
        host.resize(1, 1)
        host.idle()
        host.resize(560, 440)
        host.idle()
        host.shut()
    assert host.timers == []
    assert len(os.listdir("/proc/self/fd")) == files
    assert memory_megabytes() < memory + 20, "a picture of the window has 1 MB"
    assert host.state["window"]["width"] != 1
