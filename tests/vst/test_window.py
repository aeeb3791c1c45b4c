"""The plugin's window, worked by a mouse and a keyboard on a real X server."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
    do("mousemove", 48, 226, "click", 1)
    idle_until(host, lambda: mix_of_first_stem(host)["mute"])
    do("mousemove", 100, 226, "mousedown", 1, "mousemove", 20, 226, "mouseup", 1)
    idle_until(host, lambda: mix_of_first_stem(host)["level"] == 0)
    host.shut()


def test_a_window_of_one_pixel_and_one_opened_often_lose_nothing(host: WindowHost) -> None:
    for _ in range(20):
        host.open()
        host.resize(1, 1)
        host.idle()
        host.shut()
    assert host.timers == []
    assert host.state["window"]["width"] != 1
