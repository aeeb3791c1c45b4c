"""What the tests of the server share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.running import RunningServer
from tests.server.control.stage import Stage
from tests.server.wire import Wire


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = RunningServer(tmp_path_factory.mktemp("home")).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def wire(server):
    with Wire(server) as connected:
        yield connected


@pytest.fixture
def own_server(tmp_path):
    """A server that a test may kill."""
    running = RunningServer(tmp_path / "home").start()
    yield running
    running.stop()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """What surfaces act on, with jobs that last until they are cancelled."""
    made = Stage(tmp_path)
    yield made
    await made.close()
