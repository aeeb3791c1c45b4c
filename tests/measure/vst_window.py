"""Measures what the plugin's window costs: opening it, having it open while nothing happens, and while stems grow.

python -m tests.measure.vst_window bandmate.clap

The window is opened in a host of our own on an X server without a screen (Xvfb). Idle, the host ticks 60 times a
second, which is measured with the window and without it. Then eight stems grow while the song plays, and the X server
says after each tick whether the window was drawn anew (XDamage).
"""

from __future__ import annotations

import argparse
import ctypes as c
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path

from bandmate_bridge.client import Client
from bandmate_protocol.messages import Invoke
from tests.running import RunningServer
from tests.vst.clap_host import RATE, Song
from tests.vst.clap_window import WindowHost, x_server

OPENINGS = 20
IDLE_SECONDS = 10.0
TICK_SECONDS = 1 / 60
STEMS = 8
_REPORT_NON_EMPTY = 3
"""XDamage's level: one event until the damage is subtracted."""
_EVENT_BYTES = 192
"""Of Xlib's union of events."""


def opening_seconds(host: WindowHost) -> list[float]:
    """How long it takes until the window is there and has had its first ticks, each time."""
    found = []
    for _ in range(OPENINGS):
        started = time.perf_counter()
        host.open()
        host.idle()
        host.idle()
        found.append(time.perf_counter() - started)
        host.shut()
    return found


def idle_share(tick: Callable[[], None]) -> float:
    """What part of a core this process takes while it ticks."""
    started, before = time.perf_counter(), time.process_time()
    while time.perf_counter() - started < IDLE_SECONDS:
        tick()
        time.sleep(TICK_SECONDS)
    return (time.process_time() - before) / (time.perf_counter() - started)


class Drawings:
    """Counts how often something of a window is drawn anew."""

    def __init__(self, window: int) -> None:
        self._x, self._damage = (c.CDLL(find_library(name)) for name in ("X11", "Xdamage"))
        self._x.XOpenDisplay.restype = c.c_void_p
        self._display = c.c_void_p(self._x.XOpenDisplay(None))
        first, error = c.c_int(), c.c_int()
        assert self._damage.XDamageQueryExtension(self._display, c.byref(first), c.byref(error))
        self._damage.XDamageCreate.restype = c.c_ulong
        self._watched = c.c_ulong(
            self._damage.XDamageCreate(self._display, c.c_ulong(window), _REPORT_NON_EMPTY)
        )

    def is_new(self) -> bool:
        """Whether something was drawn since the last call."""
        self._x.XSync(self._display, 0)
        event = c.create_string_buffer(_EVENT_BYTES)
        seen = False
        while self._x.XPending(self._display):
            self._x.XNextEvent(self._display, event)
            seen = True
        if seen:
            self._damage.XDamageSubtract(self._display, self._watched, c.c_ulong(0), c.c_ulong(0))
            # Before anything is drawn again, or that would not be told.
            self._x.XSync(self._display, 0)
        return seen


def growing(host: WindowHost, server: RunningServer) -> tuple[float, float, float]:
    """Drawings a second, ticks a second, and the part of a core that is taken, while stems grow and the song plays."""
    host.until(lambda state: state["status"] == "Ready")
    host.set("bars", 8)
    host.open()
    drawings = Drawings(host.window)
    with Client.connect(server.address, token=server.token, start=False) as client:
        params = {"stems": STEMS, "pieces": 2_000, "delay_ms": 5.0}
        client.send(Invoke(request="grow", task="noise", params=params, project=host.state["instance"]))
        host.until(lambda state: bool(state["takes"]) and len(state["takes"][-1]["stems"]) == STEMS)
        host.song.playing = True
        started, before = time.perf_counter(), time.process_time()
        drawn = ticks = 0
        while (due := started + ticks * TICK_SECONDS) < started + IDLE_SECONDS:
            time.sleep(max(0.0, due - time.perf_counter()))
            host.block(int(RATE * TICK_SECONDS))
            host.idle()
            ticks += 1
            drawn += drawings.is_new()
        took = time.perf_counter() - started
        share = (time.process_time() - before) / took
        host.song.playing = False
        host.set("cancel", 1)
        host.until(lambda state: not state["takes"])
    host.shut()
    return drawn / took, ticks / took, share


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("plugin", type=Path, help="the built CLAP")
    plugin = parser.parse_args().plugin
    with tempfile.TemporaryDirectory() as folder, x_server() as display:
        server = RunningServer(Path(folder)).start()
        os.environ |= {"DISPLAY": display, "BANDMATE_HOME": str(server.home)}
        host = WindowHost(plugin, Song(frame=400_000))
        try:
            took = opening_seconds(host)
            bare = idle_share(lambda: None)
            host.open()
            shown = idle_share(host.idle)
            host.shut()
            drawn, ticks, share = growing(host, server)
        finally:
            host.close()
            server.stop()
    print(f"opening: {1000 * statistics.median(took):.1f} ms, at most {1000 * max(took):.1f} ms")
    print(
        f"open and idle: {100 * shown:.2f} % of a core, of which {100 * bare:.2f} % are the ticks themselves"
    )
    print(
        f"while {STEMS} stems grow and the song plays: {drawn:.1f} drawings a second at {ticks:.1f} ticks a second,"
        f" {100 * share:.1f} % of a core"
    )


if __name__ == "__main__":
    main()
