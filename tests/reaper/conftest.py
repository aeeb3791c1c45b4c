"""What the tests of the REAPER bridge share."""

import os
from collections.abc import Iterator

import pytest

from tests.reaper.stage import Stage
from tests.running import RunningServer
from tests.server.osc.surface import free_port


@pytest.fixture(scope="session")
def osc_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def server(tmp_path_factory, osc_port) -> Iterator[RunningServer]:
    """A server with the engines that a musician has, and none of the doubles; surfaces may come."""
    environ = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    home = tmp_path_factory.mktemp("home")
    running = RunningServer(home, "--osc", "--osc-port", str(osc_port), environ=environ).start()
    yield running
    running.stop()


@pytest.fixture(params=["5.4"])
def lua(request) -> str:
    return request.param


@pytest.fixture
def stage(tmp_path, server, lua) -> Iterator[Stage]:
    made = Stage(tmp_path, server, lua=lua)
    yield made
    made.end()
