"""From `submit` to the first audio of a generation at the client, on a warm server, next to the whole job."""

import time

from bandmate_protocol.session import StemPiece
from tests.bench.figure import Figure, median
from tests.running import RunningServer
from tests.server.wire import Wire

RUNS = 11
SECONDS = 20.0
PROMPT = {"prompt": "lo-fi hip hop"}


def measure(folder):
    server = RunningServer(folder).start()
    first, whole = [], []
    with Wire(server) as wire:
        wire.run("generate", PROMPT, seconds=2.0)
        for seed in range(RUNS):
            started = time.perf_counter()
            accepted = wire.submit("generate", PROMPT, seconds=SECONDS, seed=seed)
            wire.until(lambda event: isinstance(event, StemPiece))
            first.append(time.perf_counter() - started)
            wire.end(accepted.job, timeout=120)
            whole.append(time.perf_counter() - started)
    server.stop()
    beside = f"the whole job: {median(whole):.2f} s"
    speed = SECONDS / median(whole)
    return [
        Figure(
            "time to first audio",
            median(first) * 1e3,
            "ms",
            beside,
            median(first) / median(whole),
            "under 150 ms",
        ),
        Figure("four stems, times real time", speed, "x", "", None, "at least 20"),
    ]
