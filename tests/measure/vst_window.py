"""Measures what the plugin's window costs: opening it, and having it open while nothing happens.

python -m tests.measure.vst_window bandmate.clap

The window is opened in a host of our own on an X server without a screen (Xvfb). Idle, the host ticks 60 times a
second, which is measured with the window and without it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.running import RunningServer
from tests.vst.clap_host import Song
from tests.vst.clap_window import WindowHost, x_server

OPENINGS = 20
IDLE_SECONDS = 10.0
TICK_SECONDS = 1 / 60


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
        finally:
            host.close()
            server.stop()
    print(f"opening: {1000 * statistics.median(took):.1f} ms, at most {1000 * max(took):.1f} ms")
    print(
        f"open and idle: {100 * shown:.2f} % of a core, of which {100 * bare:.2f} % are the ticks themselves"
    )


if __name__ == "__main__":
    main()
