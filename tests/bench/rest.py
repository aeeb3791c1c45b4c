"""What REST costs: a job beside the same job on the WebSocket, clients that poll, and many event streams."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import time

import msgspec
import psutil

from tests.bench.figure import Figure, median
from tests.running import RunningServer
from tests.server.rest.client import RestClient, read_events
from tests.server.wire import Wire, timeline_of

RUNS = 40
PARAMS = {"prompt": "house drums"}
SECONDS = 2.0
POLLERS = 500
POLL_SECONDS = 10
STREAMS = 200
STREAM_SECONDS = 10


def measure(folder):
    server = RunningServer(folder, environ={"BANDMATE_SERVER_JOBS_PER_CLIENT": "1000"}).start()
    try:
        return [*_job_overhead(server), *asyncio.run(_polling(server)), *asyncio.run(_streaming(server))]
    finally:
        server.stop()


def _job_overhead(server):
    """From the submission until the end is known, and until all of the audio is here too, in turns with the socket."""
    timeline = msgspec.to_builtins(timeline_of(SECONDS))
    ends, whole, wired = [], [], []
    with Wire(server) as wire, contextlib.closing(_connection(server)) as kept:
        for seed in range(RUNS):
            started = time.perf_counter()
            wire.run("generate", PARAMS, seconds=SECONDS, seed=seed, engine="sketch")
            wired.append(time.perf_counter() - started)
            body = {
                "task": "generate",
                "params": PARAMS,
                "timeline": timeline,
                "seed": seed,
                "engine": "sketch",
            }
            started = time.perf_counter()
            end = _run_over_rest(server, kept, body)
            whole.append(time.perf_counter() - started)
            ends.append(end - started)
    beside = f"over the WebSocket, with audio: {median(wired) * 1e3:.1f} ms"
    figures = []
    for what, taken in (("its end is known", ends), ("its audio is here", whole)):
        added = median([a - b for a, b in zip(taken, wired, strict=True)])
        ratio = median(taken) / median(wired)
        title = f"REST: a small job until {what}, more than the WebSocket takes"
        figures.append(Figure(title, added * 1e3, "ms", beside, ratio, "under 2 ms"))
    return figures


def _connection(server):
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)


def _run_over_rest(server, kept, body):
    """One connection is kept; the events have one of their own, as a browser's have."""
    headers = {"Authorization": f"Bearer {server.token}"}
    kept.request("POST", "/api/v1/jobs", json.dumps(body).encode(), headers)
    job = json.loads(kept.getresponse().read())["job"]
    with contextlib.closing(_connection(server)) as streaming:
        streaming.request("GET", f"/api/v1/jobs/{job}/events", headers=headers)
        stems = [
            event.data["stem"] for event in read_events(streaming.getresponse()) if event.name == "stem_end"
        ]
    end = time.perf_counter()
    for stem in stems:
        kept.request("GET", f"/api/v1/jobs/{job}/stems/{stem}/audio?bits=32", headers=headers)
        assert kept.getresponse().read()
    return end


async def _polling(server):
    """The processor time of the server while each client asks for a job once a second."""
    client = RestClient(server)
    job = client.ended(client.submit("generate", PARAMS, engine="sketch"))["job"]
    bare, _ = await _poll(server, "/health")
    used, each = await _poll(server, f"/api/v1/jobs/{job}")
    beside = f"the same of /health, a constant: {bare:.1f} %; a request takes {each * 1e3:.2f} ms"
    what = f"REST: {POLLERS} clients that poll a job once a second"
    running = client.submit("noise", {"pieces": 1_000_000, "delay_ms": 100, "stems": 1})
    client.when(running, lambda found: found["state"] == "running")
    busy, _ = await _poll(server, "/api/v1/jobs/" + running)
    client.expect(202, "POST", f"/jobs/{running}/cancel")
    return [
        Figure(what, used, "% of a core", beside, used / bare, "under 10 %"),
        Figure(f"{what} that runs, with ten pieces a second", busy, "% of a core", ratio=busy / bare),
    ]


async def _poll(server, path):
    """The share of a core that the server takes, in per cent, and its seconds for each request."""
    asked, count = _head(server, path), 0
    process = psutil.Process(server.process.pid)
    opened = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(POLLERS)]
    begun, used = time.perf_counter(), sum(process.cpu_times()[:2])

    async def poll(number, reader, writer):
        nonlocal count
        await asyncio.sleep(number / POLLERS)
        while time.perf_counter() - begun < POLL_SECONDS:
            turn = time.perf_counter()
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            count += 1
            await asyncio.sleep(max(0.0, turn + 1 - time.perf_counter()))

    await asyncio.gather(*(poll(number, *each) for number, each in enumerate(opened)))
    used = sum(process.cpu_times()[:2]) - used
    for _, writer in opened:
        writer.close()
    # A busy machine slows the clients down; what they would have asked for counts.
    return 100 * used / count * POLLERS, used / count


async def _streaming(server):
    """The memory of the server while many clients follow one job, at first and some seconds later."""
    client = RestClient(server)
    job = client.submit("noise", {"pieces": 1_000_000, "delay_ms": 20, "stems": 1})
    client.when(job, lambda found: found["state"] == "running")
    asked = _head(server, f"/api/v1/jobs/{job}/events")
    opened = []
    for _ in range(STREAMS):
        # The server waits only some seconds for a request.
        opened.append(await asyncio.open_connection("127.0.0.1", server.port))
        opened[-1][1].write(asked)
    received = 0

    async def follow(reader):
        nonlocal received
        while data := await reader.read(1 << 16):
            received += len(data)

    for reader, _ in opened:
        await reader.readuntil(b"event: progress")
    followers = [asyncio.create_task(follow(reader)) for reader, _ in opened]
    await asyncio.sleep(2)
    first, received = server.memory_bytes(), 0
    await asyncio.sleep(STREAM_SECONDS)
    grown = server.memory_bytes() - first
    for task in followers:
        task.cancel()
    for _, writer in opened:
        writer.close()
    client.expect(202, "POST", f"/jobs/{job}/cancel")
    beside = (
        f"{received / 1e6 / STREAM_SECONDS:.1f} MB a second to them all; the server has {first / 1e6:.0f} MB"
    )
    ratio = (first + grown) / first
    what = f"REST: memory that {STREAMS} event streams take more after {STREAM_SECONDS} s"
    return [Figure(what, grown / 1e6, "MB", beside, ratio, "1.00")]


def _head(server, path):
    return f"GET {path} HTTP/1.1\r\nHost: {server.address}\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode()
