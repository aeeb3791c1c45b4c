"""From the command to a server that answers, next to an interpreter that does nothing."""

import subprocess
import sys
import time

from tests.bench.figure import Figure, median
from tests.running import RunningServer

RUNS = 5


def measure(folder):
    RunningServer(folder).start().stop()
    ours, bare = [], []
    for _ in range(RUNS):
        server = RunningServer(folder).start()
        ours.append(server.start_seconds)
        server.stop()
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        bare.append(time.perf_counter() - started)
    beside = f"an idle interpreter: {median(bare) * 1e3:.0f} ms"
    return [Figure("start to ready", median(ours), "s", beside, median(ours) / median(bare), "under 1 s")]
