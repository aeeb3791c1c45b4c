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
    """From the submission until the end and all of the audio are here, in turns."""
    timeline = msgspec.to_builtins(timeline_of(SECONDS))
    rest, wired = [], []
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
            _run_over_rest(server, kept, body)
            rest.append(time.perf_counter() - started)
    added = median([a - b for a, b in zip(rest[2:], wired[2:], strict=True)])
    beside = f"over the WebSocket: {median(wired[2:]) * 1e3:.1f} ms"
    ratio = median(rest[2:]) / median(wired[2:])
    return [
        Figure(
            "REST: a small job, more than the WebSocket takes", added * 1e3, "ms", beside, ratio, "under 2 ms"
        )
    ]


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
    for stem in stems:
        kept.request("GET", f"/api/v1/jobs/{job}/stems/{stem}/audio?bits=32", headers=headers)
        assert kept.getresponse().read()


async def _polling(server):
    """The processor time of the server while each client asks for a job once a second."""
    client = RestClient(server)
    job = client.ended(client.submit("generate", PARAMS, engine="sketch"))["job"]
    asked = _head(server, f"/api/v1/jobs/{job}")
    process = psutil.Process(server.process.pid)
    opened = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(POLLERS)]
    count = 0
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
    seconds = time.perf_counter() - begun
    used = sum(process.cpu_times()[:2]) - used
    for _, writer in opened:
        writer.close()
    beside = f"{count / seconds:.0f} requests a second, {used / count * 1e3:.2f} ms each"
    return [
        Figure(
            f"REST: {POLLERS} clients that poll once a second",
            100 * used / seconds,
            "% of a core",
            beside,
            None,
            "under 10 %",
        )
    ]


async def _streaming(server):
    """The memory of the server while many clients follow one job, at first and some seconds later."""
    client = RestClient(server)
    job = client.submit("noise", {"pieces": 1_000_000, "delay_ms": 20, "stems": 1})
    client.when(job, lambda found: found["state"] == "running")
    asked = _head(server, f"/api/v1/jobs/{job}/events")
    opened = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(STREAMS)]
    received = 0

    async def follow(reader):
        nonlocal received
        while data := await reader.read(1 << 16):
            received += len(data)

    for reader, writer in opened:
        writer.write(asked)
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
