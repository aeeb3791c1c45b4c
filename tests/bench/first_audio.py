"""From `submit` to the first audio of a generation at the client, on a warm server, next to the whole job."""

import time

import psutil

from bandmate_protocol.session import StemPiece
from tests.bench.figure import Figure, median
from tests.running import RunningServer
from tests.server.wire import Wire

RUNS = 11
SECONDS = 20.0
PROMPT = {"prompt": "lo-fi hip hop"}
ALL = "server, worker and client together"


def measure(folder):
    server = RunningServer(folder).start()
    first, whole, cores = [], [], []
    with Wire(server) as wire:
        wire.run("generate", PROMPT, seconds=2.0)
        for seed in range(RUNS):
            used = _processor_seconds(server)
            started = time.perf_counter()
            accepted = wire.submit("generate", PROMPT, seconds=SECONDS, seed=seed)
            wire.until(lambda event: isinstance(event, StemPiece))
            first.append(time.perf_counter() - started)
            wire.end(accepted.job, timeout=120)
            whole.append(time.perf_counter() - started)
            cores.append(_processor_seconds(server) - used)
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
        Figure("by the processor's time", SECONDS / median(cores), "x", ALL, None, "at least 20"),
    ]


def _processor_seconds(server):
    """What client, server and worker have used together: as long as all would take on one core."""
    server_process = psutil.Process(server.process.pid)
    processes = [psutil.Process(), server_process, *server_process.children(recursive=True)]
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)
