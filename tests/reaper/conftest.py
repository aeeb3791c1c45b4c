"""What the tests of the REAPER bridge share."""

import os
from collections.abc import Iterator

import pytest

from tests.reaper.stage import Stage
from tests.running import RunningServer


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[RunningServer]:
    """A server with the engines that a musician has, and none of the doubles."""
    environ = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    running = RunningServer(tmp_path_factory.mktemp("home"), environ=environ).start()
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
