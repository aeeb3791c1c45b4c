"""What the tests of compatible APIs share."""

import pytest

from tests.running import RunningServer
from tests.server.compat.client import CompatClient

ORIGIN = "http://localhost:5173"


@pytest.fixture(scope="session")
def music_folder(tmp_path_factory):
    """The one folder that programs may name files in."""
    return tmp_path_factory.mktemp("music")


@pytest.fixture(scope="session")
def compat_server(tmp_path_factory, music_folder):
    """A server with every compatible API on."""
    settings = {
        "BANDMATE_SERVER_ALLOWED_ORIGINS": ORIGIN,
        "BANDMATE_SERVER_COMPAT_FOLDERS": str(music_folder),
        "BANDMATE_SERVER_JOBS_PER_CLIENT": "1000",
        # Without the doubles, one of which is asked first for analyses.
        "PYTHONPATH": "",
    }
    home = tmp_path_factory.mktemp("compat-home")
    ports = ("--acestep-api", "0", "--acestep-cpp-api", "0", "--chat-api", "0")
    running = RunningServer(home, *ports, environ=settings).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture(scope="session")
def acestep(compat_server):
    return CompatClient(compat_server, "acestep_api")


@pytest.fixture(scope="session")
def acestep_cpp(compat_server):
    return CompatClient(compat_server, "acestep_cpp_api")


@pytest.fixture(scope="session")
def open_server(tmp_path_factory, music_folder):
    """A server whose compatible APIs ask for no token."""
    settings = {
        "BANDMATE_SERVER_COMPAT_NEEDS_TOKEN": "false",
        "BANDMATE_SERVER_COMPAT_FOLDERS": str(music_folder),
        "PYTHONPATH": "",
    }
    running = RunningServer(
        tmp_path_factory.mktemp("open-home"), "--acestep-api", "0", environ=settings
    ).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture(scope="session")
def chat(compat_server):
    return CompatClient(compat_server, "chat_api")
