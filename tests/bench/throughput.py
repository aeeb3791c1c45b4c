"""A finished job's stems as fast as they come, next to a bare `websockets` loop that sends the same frames.

The reader is the same in both: it takes frames and counts bytes. Runs alternate, so that a busy machine
slows both.
"""

import subprocess
import sys
import time

from websockets.sync.client import connect

from bandmate_protocol.messages import Attach
from tests.bench.figure import Figure, median
from tests.running import RunningServer
from tests.server.wire import Wire

RUNS = 5
STEMS, SECONDS = 4, 120.0
FRAME_BYTES = 256 * 1024

BARE = """
import asyncio, sys
from websockets.asyncio.server import serve
frame, count = bytes({size}), {count}
async def send(socket):
    for _ in range(count):
        await socket.send(frame)
async def main():
    async with serve(send, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())
"""


def measure(folder):
    total = int(STEMS * SECONDS * 48_000 * 8)
    server = RunningServer(folder).start()
    with Wire(server, generous=False, credit_bytes=1 << 20) as wire:
        accepted = wire.submit("noise", {"stems": STEMS, "pieces": 50}, seconds=SECONDS)
    with Wire(server, credit_bytes=1 << 40) as wire:
        wire.send(Attach(request="a", job=accepted.job))
        wire.end(accepted.job, timeout=120)
    bare = _start_bare(total)
    port = int(bare.stdout.readline())
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(total / _read_job(server, accepted.job, total))
        theirs.append(total / _read_bare(port, total))
    bare.communicate("")
    server.stop()
    beside = f"a bare websockets loop: {median(theirs) / 1e6:.0f} MB/s"
    ratio = median([a / b for a, b in zip(ours, theirs, strict=True)])
    return [Figure("stream throughput", median(ours) / 1e6, "MB/s", beside, ratio, "at least 0.7")]


def _start_bare(total):
    script = BARE.format(size=FRAME_BYTES, count=-(-total // FRAME_BYTES))
    return subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _read_job(server, job, total):
    with Wire(server, credit_bytes=1 << 40) as wire:
        started = time.perf_counter()
        wire.send(Attach(request="a", job=job))
        seen = 0
        while seen < total:
            seen += len(wire.socket.recv())
        return time.perf_counter() - started


def _read_bare(port, total):
    with connect(f"ws://127.0.0.1:{port}", compression=None, max_size=None, proxy=None) as socket:
        started = time.perf_counter()
        seen = 0
        while seen < total:
            seen += len(socket.recv())
        return time.perf_counter() - started
