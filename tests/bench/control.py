"""Surfaces over OSC: from a press to its job, the pace of feedback beside a job, and a flood beside a job.

The bridge is this process: it submits as soon as it is asked, so that what is measured is the server's share.
"""

import contextlib
import struct
import threading
import time
from collections import Counter

from pythonosc.osc_message_builder import build_msg

from bandmate_protocol.messages import Accepted, Cancel, Context, Invoke, Invoked, Submit, Transport
from tests.bench.figure import Figure, median
from tests.running import RunningServer
from tests.server.osc.surface import Surface, free_port
from tests.server.wire import Wire, timeline_of

PRESSES = 200
FLOOD_SECONDS = 10
FLOOD_RATE = 10_000
LONG = {"task": "generate", "params": {"prompt": "funk band"}, "seed": 5}
LONG_SECONDS = 1800.0
FLOOD_JOB_SECONDS = 120.0
PACE_SECONDS = 5.0


def measure(folder):
    port = free_port()
    server = RunningServer(folder, "--osc", "--osc-port", str(port)).start()
    surface = Surface(port)
    try:
        surface.subscribe()
        with Wire(server, role="project") as bridge:
            figures = latency(bridge, surface)
        # Without credit no audio comes: it is not what is measured.
        with Wire(server, role="project", generous=False) as bridge:
            figures += pace(bridge, surface)
        with Wire(server) as client:
            return figures + flood(server, client, surface)
    finally:
        surface.close()
        server.stop()


def latency(bridge, surface):
    """From the datagram to `accepted` at the bridge, and to the state that the surface sees."""
    focus(bridge, surface, "presses")
    bridge.run("generate", {"prompt": "drums"}, seconds=0.25)
    invoked, accepted, seen = [], [], []
    for _ in range(PRESSES):
        started = time.perf_counter()
        surface.send("task/generate")
        asked = bridge.until(lambda event: isinstance(event, Invoke))
        invoked.append(time.perf_counter() - started)
        answer = bridge.ask(
            Submit(request=bridge.session.new_request_id(), task="generate", timeline=timeline_of(0.25))
        )
        assert isinstance(answer, Accepted), answer
        accepted.append(time.perf_counter() - started)
        surface.seen.clear()
        bridge.send(Invoked(request=asked.request, job=answer.job))
        surface.until(lambda: surface.last("job/state") in ("queued", "running", "done"))
        seen.append(time.perf_counter() - started)
        bridge.end(answer.job)
        surface.until(lambda: surface.last("job/state") == "done")
        time.sleep(0.04)  # a button that bounces is pressed once
    share = f"the server asks the bridge: {1e3 * median(invoked):.1f} ms"
    return [
        *spread("press to accepted job", accepted, share),
        *spread("press to the state on the surface", seen, "feedback thirty times a second"),
    ]


def focus(bridge, surface, project):
    bridge.send(Context(project=project, timeline=timeline_of(0.25)))
    surface.until(lambda: surface.last("target/name") == project)


def spread(what, seconds, beside):
    ordered = sorted(seconds)
    p99 = ordered[int(0.99 * (len(ordered) - 1))]
    return [
        Figure(f"{what}, median", 1e3 * median(ordered), "ms", f"{len(ordered)} presses"),
        Figure(f"{what}, p99", 1e3 * p99, "ms", beside),
    ]


def pace(bridge, surface):
    """How often an address comes while a job runs and the DAW says its position as fast as it can."""
    focus(bridge, surface, "pace")
    surface.send("task/generate")
    asked = bridge.until(lambda event: isinstance(event, Invoke))
    job = bridge.submit(**LONG, seconds=LONG_SECONDS).job
    bridge.send(Invoked(request=asked.request, job=job))
    surface.until(lambda: surface.last("job/state") == "running")
    surface.socket.settimeout(0.0005)
    heard, said, started = len(surface.seen), 0, time.perf_counter()
    while time.perf_counter() - started < PACE_SECONDS:
        said += 1
        transport = Transport(position=said * 480, playing=True)
        bridge.send(Context(project="pace", timeline=timeline_of(0.25), transport=transport))
        surface.hear()
        with contextlib.suppress(TimeoutError):
            bridge.step(0)
    elapsed = time.perf_counter() - started
    counts = Counter(path for path, _ in surface.seen[heard:])
    surface.socket.settimeout(0.2)
    newest = said * 480 / 48_000
    surface.until(lambda: abs((surface.last("transport/seconds") or 0) - newest) < 1e-3)
    bridge.send(Cancel(job=job))
    surface.until(lambda: surface.last("job/state") in ("cancelled", "done"))
    beside = f"said {said / elapsed:.0f} times a second"
    return [
        Figure("position on the surface beside a job", counts["transport/seconds"] / elapsed, "Hz", beside),
        Figure("progress on the surface", counts["job/progress"] / elapsed, "Hz", aim="30 Hz at most"),
    ]


def flood(server, client, surface):
    """A job alone, then while one parameter is set 10 000 times a second."""
    alone, seconds_alone = run(client)
    memory = server.memory_bytes()
    sent = []
    hand = threading.Thread(target=turn, args=(surface, sent))
    hand.start()
    flooded, seconds_flooded = run(client)
    hand.join()
    grown = server.memory_bytes() - memory
    surface.send("subscribe", surface.port)  # the job may have taken longer than a lease
    surface.send("param/cover/strength/raw", 0.125)
    surface.until(lambda: surface.last("param/cover/strength/raw") == 0.125)
    assert flooded == alone, "a flood must not change the audio"
    beside = f"alone: {seconds_alone:.2f} s"
    ratio = seconds_flooded / seconds_alone
    pace = f"{sent[0] / sent[1]:.0f} datagrams a second for {sent[1]:.0f} s"
    return [
        Figure("a job in a flood, the same audio", seconds_flooded, "s", beside, ratio),
        Figure("memory that a flood takes", grown / 1e6, "MB", pace, None, "none"),
    ]


def run(client):
    """What a long job gives, by hash, and how long it takes."""
    client.audio.clear()
    started = time.perf_counter()
    accepted = client.submit(**LONG, seconds=FLOOD_JOB_SECONDS)
    client.end(accepted.job, 300)
    seconds = time.perf_counter() - started
    return sorted(digest for (job, _), digest in client.finished.items() if job == accepted.job), seconds


def turn(surface, sent):
    """Ten seconds of it, in bursts of ten milliseconds."""
    data = build_msg("/bandmate/v1/param/cover/strength/raw", [0.5]).dgram
    address = ("127.0.0.1", surface.client._port)
    started, count = time.perf_counter(), 0
    while (now := time.perf_counter() - started) < FLOOD_SECONDS:
        for _ in range(int(now * FLOOD_RATE) - count):
            value = struct.pack(">f", count % 1000 / 1000)
            surface.client._sock.sendto(data[:-4] + value, address)
            count += 1
        time.sleep(0.01)
    sent += [count, time.perf_counter() - started]
