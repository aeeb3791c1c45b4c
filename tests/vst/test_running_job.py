"""A job at work: heard while it grows, its gaps counted, cancelled by the parameter."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

from bandmate_bridge.client import Client
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Error, Invoke, Invoked
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer
from tests.vst.hosting import Hosted

PASS_FRAMES = 96_000
"""One bar at 120, which a job is for."""


def begin(client: Client, project: str, params: dict[str, Any]) -> None:
    """Starts `noise` through the plugin, which may have greeted and not said yet what it works on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    for count in itertools.count():
        client.send(Invoke(request=f"i{count}", task="noise", params=params, project=project))
        answer: object = None
        while not isinstance(answer, Invoked | Error | RequestError):
            assert time.monotonic() < deadline
            try:
                answer = client.poll(1)
            except RequestError as refused:
                answer = refused
        if isinstance(answer, Invoked) and answer.job:
            return
        time.sleep(0.1)


def test_a_growing_stem_is_heard_its_gap_counted_and_cancel_ends_it(
    vst3: Path, server: RunningServer
) -> None:
    hosted = Hosted(vst3)
    hosted.until_status("Ready")
    hosted.plugin.bars = 1
    hosted.silence(512)
    with Client.connect(server.address, token=server.token, start=False) as client:
        # Half a minute of work, which nobody waits for.
        slow = {"stems": 1, "pieces": 100, "delay_ms": 300.0}
        begin(client, hosted.song["instance"], slow)
        hosted.until(lambda song: song["status"] == "Working")
        assert hosted.song["late"] == 0
        hosted.plugin.audition = True
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (heard := hosted.silence(PASS_FRAMES)).any():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # The pass is faster than the job: part of it sounds, and the rest is late.
        assert not heard.any(axis=1).all()
        assert hosted.song["late"] >= 1
        assert not hosted.song["takes"][0]["settled"]
        hosted.press("cancel")
        song = hosted.until(lambda song: not song["takes"])
        assert song["status"] == "Ready"
        assert not hosted.silence(PASS_FRAMES).any()
        job = next(job for job in client.jobs() if job.task == "noise")
        assert job.state == "cancelled"
