"""The plugin, built once a run where a compiler is, and a real server for it to talk to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_plugins._platform.lock import hold_lock
from bandmate_protocol.version import __version__
from tests.running import RunningServer
from tests.vst.built_plugin import BUILD_SECONDS, build_plugin, run_cmake

NEEDED = ("cmake", "c++")


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of a build of everything, warnings as errors."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"the plugin cannot be built here, for want of {', '.join(missing)}")
    options = ("-DBANDMATE_STRICT=ON", "-DBANDMATE_DRIVER=ON", f"-DBANDMATE_VERSION={__version__}")
    own = os.environ.get("BANDMATE_VST_BUILD")
    if not own:
        return build_plugin(options)
    # For whoever works on the plugin: a folder in which only what changed is built.
    folder = Path(own)
    with hold_lock(folder.with_suffix(".lock"), BUILD_SECONDS):
        run_cmake(folder, options)
    return folder


@pytest.fixture(scope="session")
def vst3(built: Path) -> Path:
    return built / "plugins" / "bandmate.vst3"


@pytest.fixture(scope="session")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server for all tests that leave it running, with the jobs of those before."""
    running = RunningServer(tmp_path_factory.mktemp("steady")).start()
    yield running
    running.stop()


@pytest.fixture
def server(steady: RunningServer, monkeypatch: pytest.MonkeyPatch) -> RunningServer:
    """The same, as the plugin finds it."""
    monkeypatch.setenv("BANDMATE_HOME", str(steady.home))
    return steady


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, in which no server is known yet."""
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    for folder in ("config", "state"):
        (tmp_path / folder).mkdir()
    return tmp_path


def find(home: Path, server: RunningServer) -> None:
    """From now on a server is known there."""
    (home / "config" / "token").write_text(server.token)
    (home / "state" / "server.json").write_text((server.home / "state" / "server.json").read_text())


@pytest.fixture
def own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """One for a test that ends it."""
    running = RunningServer(tmp_path / "home").start()
    monkeypatch.setenv("BANDMATE_HOME", str(running.home))
    yield running
    running.stop()
