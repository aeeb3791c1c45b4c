"""What the server adds to a small job, next to calling the same loaded engine directly in this process.

The server's time has hashing, metering, the spool, the queue, the socket and the client in it.
"""

import time

from bandmate_plugins._host.loading import load_engine, load_task, read_catalogue
from bandmate_plugins.testing import run_task
from tests.bench.figure import Figure, median
from tests.running import RunningServer
from tests.server.wire import Wire, timeline_of

RUNS = 40
PARAMS = {"prompt": "house drums"}
SECONDS = 2.0


def measure(folder):
    plugins = read_catalogue()
    task, engine = load_task(plugins, "generate"), load_engine(plugins, "sketch").load("cpu", "full")
    server = RunningServer(folder).start()
    ours, direct = [], []
    with Wire(server) as wire:
        wire.run("generate", PARAMS, seconds=SECONDS)
        for seed in range(RUNS):
            started = time.perf_counter()
            wire.run("generate", PARAMS, seconds=SECONDS, seed=seed)
            ours.append(time.perf_counter() - started)
            started = time.perf_counter()
            run_task(task, PARAMS, timeline=timeline_of(SECONDS), seed=seed, engine=engine)
            direct.append(time.perf_counter() - started)
    server.stop()
    added = median([a - b for a, b in zip(ours, direct, strict=True)])
    beside = f"the engine alone: {median(direct) * 1e3:.1f} ms"
    ratio = median(ours) / median(direct)
    return [Figure("server overhead a job", added * 1e3, "ms", beside, ratio, "under 10 ms")]
