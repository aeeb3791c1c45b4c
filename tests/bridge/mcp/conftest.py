"""What the tests of `bandmate mcp` share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.demo.build import build_demo
from bandmate_bridge.progress import ignore_progress
from bandmate_bridge.rpp import new_project
from bandmate_protocol.messages import TempoPoint
from tests.running import RunningServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    # Without the plugins of other tests, as on a musician's machine.
    running = RunningServer(tmp_path_factory.mktemp("home"), environ={"PYTHONPATH": ""}).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def demo(server: RunningServer, tmp_path: Path) -> Path:
    """The demo project."""
    with Client.connect(server.address, token=server.token) as client:
        build_demo(client, tmp_path, 1, "sketch", ignore_progress)
    return tmp_path / "demo.rpp"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A project without tracks, at 120 bpm."""
    tempo = [TempoPoint(position=0.0, bpm=120.0)]
    project = new_project(tmp_path / "empty.rpp", sample_rate=48_000, tempo=tempo)
    project.save()
    return project.path
