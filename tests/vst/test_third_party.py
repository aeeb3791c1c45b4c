"""A third party's task in the plugin: what it is given and whether it stands in for the track, by what it says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.client.connection import request_error
from bandmate_protocol.messages import Error, Invoke, Invoked
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer
from tests.vst.clap_host import RATE, ClapHost, Song
from tests.vst.hosting import stems

BAR = 2 * RATE
"""Frames, at 120."""


@pytest.fixture
def host(built: Path, server: RunningServer) -> Iterator[ClapHost]:
    """It has heard two and a half bars of its track."""
    made = ClapHost(built / "plugins" / "bandmate.clap", Song())
    made.until(lambda state: state["status"] == "Ready")
    made.set("bars", 1)
    made.song.playing = True
    for start in range(0, 5 * BAR // 2, 512):
        made.block(512, track(start, 512))
    made.song.playing = False
    yield made
    made.close()


def track(start: int, frames: int) -> np.ndarray:
    """A tone that swells, so that it is another one backwards."""
    time = (start + np.arange(frames)) / RATE
    tone = 0.1 * (time % 2) * np.sin(2 * np.pi * 220 * time)
    return np.stack([tone, tone], axis=1).astype(np.float32)


def run_task(host: ClapHost, server: RunningServer, task: str) -> dict[str, Any]:
    """The plugin's state once a surface had it run the task to its end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with Client.connect(server.address, token=server.token, start=False) as client:
        while True:
            client.send(Invoke(request="i", project=host.state["instance"], task=task))
            answer: object = None
            while not isinstance(answer, Invoked | Error):
                assert time.monotonic() < deadline
                answer = client.poll(1)
            if isinstance(answer, Invoked):
                assert answer.job, answer.sentence
                break
            # It has not told the server yet what it works on.
            assert answer.code == "no_target", request_error(answer)
            time.sleep(0.1)
    return host.until(lambda state: state["status"] == "Done")


def as_of_before(state: bytes, task: str) -> bytes:
    """The state as a plugin saved it that did not keep this, with the take made by a task of that name."""
    assert b'"replaces_input":true,' in state
    assert b'"task":"reverse"' in state
    return state.replace(b'"replaces_input":true,', b"").replace(
        b'"task":"reverse"', f'"task":"{task}"'.encode()
    )


def test_a_take_is_made_of_the_track_and_stands_in_for_it(host: ClapHost, server: RunningServer) -> None:
    (take,) = run_task(host, server, "reverse")["takes"]
    line = take["recipe"]["timeline"]
    assert take["replaces_input"] is True
    assert (line.get("context_before_frames", 0), line["end_frame"] - line["start_frame"]) == (0, BAR)
    ((_, audio),) = stems(take)
    np.testing.assert_allclose(audio, track(line["start_frame"], BAR)[::-1], atol=1e-6)


@pytest.mark.parametrize(("task", "stands_in"), [("repaint", True), ("reverse", False)])
def test_a_song_saved_before_the_plugin_kept_this_is_read_as_it_was(
    host: ClapHost, server: RunningServer, task: str, stands_in: bool
) -> None:
    """Those plugins knew the built-in tasks by their names."""
    run_task(host, server, "reverse")
    host.load(as_of_before(host.save(), task))
    (take,) = host.state["takes"]
    assert (take["recipe"]["task"], take["replaces_input"]) == (task, stands_in)
    assert take["stems"]["0"]["path"]


def test_a_report_leaves_no_take(host: ClapHost, server: RunningServer) -> None:
    assert run_task(host, server, "peak")["takes"] == []
    with Client.connect(server.address, token=server.token, start=False) as client:
        (source,) = client.jobs(1)[0].inputs
    assert source.role == "source"


def test_new_music_plays_beside_the_track(host: ClapHost, server: RunningServer) -> None:
    (take,) = run_task(host, server, "shadow")["takes"]
    assert take["replaces_input"] is False
    assert take["recipe"]["inputs"] == []
