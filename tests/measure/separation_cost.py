"""Measures what separation costs through a whole server: first audio, speed and memory against length.

python -m tests.measure.separation_cost [--lengths 10 60 600 3600] [--picture FILE.svg]

A file at 44.1 kHz comes apart at 48 kHz; the file is on the server before the clock starts.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile

from bandmate_protocol.messages import Done, Input
from bandmate_protocol.session import JobEnded, StemPiece
from tests.measure.plot import Line, Plot
from tests.running import RunningServer
from tests.server.wire import Wire, timeline_of

RATE, PROJECT_RATE = 44_100, 48_000
LENGTHS = (10, 60, 600, 3_600)


@dataclass(frozen=True)
class Cost:
    seconds: int
    first_audio: float
    """Seconds from `submit` to the first audio at the client."""
    took: float
    """Seconds to the end."""
    busy: float
    """Seconds of the worker's processor time."""
    memory_mb: float
    """The worker's highest resident memory."""


class Flowing(Wire):
    """A client that counts what comes and keeps nothing of it."""

    first: float | None = None

    def step(self, timeout: float = 600.0) -> list[Any]:
        events = self.session.receive(self.socket.recv(timeout))
        for event in events:
            if isinstance(event, StemPiece):
                self.first = self.first or time.perf_counter()
                self.session.confirm_stored(len(event.data))
        self.flush()
        return events


def write_music(path: Path, seconds: int) -> None:
    """Ten seconds of strokes and tones, over and over."""
    at = np.arange(RATE * 10) / RATE
    beat = np.random.default_rng(0).standard_normal(len(at)) * np.exp(-(at % 0.5) / 0.05)
    tones = sum(np.sin(2 * np.pi * hertz * at) for hertz in (55.0, 220.0, 277.2, 329.6))
    loop = np.outer(0.05 * beat + 0.1 * tones, [1.0, 0.8])
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16", format="RF64") as file:
        for _ in range(seconds // 10):
            file.write(loop)


def measure(server: RunningServer, folder: Path, seconds: int) -> Cost:
    """One length, on a server whose worker is warm."""
    path = folder / "long.wav"
    write_music(path, seconds)
    with Flowing(server, credit_bytes=64 << 20) as wire:
        given = Input(role="source", sha256=wire.upload(path.read_bytes(), 1 << 20))
        path.unlink()
        (worker,) = (psutil.Process(pid) for pid in server.workers())
        busy = sum(worker.cpu_times()[:2])
        with _watched(worker) as peak:
            begun = time.perf_counter()
            accepted = wire.submit("separate", timeline=timeline_of(seconds, PROJECT_RATE), inputs=(given,))
            ended = wire.until(lambda event: isinstance(event, JobEnded) and event.job == accepted.job, 600)
            took = time.perf_counter() - begun
        assert isinstance(ended.message, Done), ended.message
        assert wire.first is not None
        busy = sum(worker.cpu_times()[:2]) - busy
        return Cost(seconds, wire.first - begun, took, busy, max(peak) / 1e6)


@contextlib.contextmanager
def _watched(process: psutil.Process) -> Iterator[list[int]]:
    """Resident memory, twenty times a second."""
    seen = [process.memory_info().rss]
    end = threading.Event()

    def look() -> None:
        while not end.wait(0.05):
            seen.append(process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        end.set()
        thread.join()


def draw(costs: list[Cost]) -> str:
    """Both curves over length, as SVG."""
    lengths = [cost.seconds for cost in costs]
    return Plot(
        title="Separation: what more length costs",
        across="length of the source, seconds",
        panels=(
            Line("first audio after, seconds", lengths, [cost.first_audio for cost in costs], "#3b8ea5"),
            Line("worker's memory, MB", lengths, [cost.memory_mb for cost in costs], "#c8553d"),
        ),
    ).svg()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    costs = []
    print(
        "| length | first audio after | times real time, by the clock | by the processor | worker's memory |"
    )
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        server = RunningServer(Path(name) / "home").start()
        try:
            # The first job loads the engine.
            measure(server, Path(name), 10)
            for seconds in arguments.lengths:
                cost = measure(server, Path(name), seconds)
                costs.append(cost)
                print(
                    f"| {seconds} s | {cost.first_audio:.2f} s | {seconds / cost.took:.0f} |"
                    f" {seconds / cost.busy:.0f} | {cost.memory_mb:.0f} MB |",
                    flush=True,
                )
        finally:
            server.stop()
    if arguments.picture:
        arguments.picture.write_text(draw(costs), encoding="utf-8")


if __name__ == "__main__":
    main()
