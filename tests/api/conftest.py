"""What the tests of the Python API share: a real server, and sessions with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import bandmate
from tests.running import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    # Without the plugins of other tests, as on a musician's machine.
    running = RunningServer(tmp_path_factory.mktemp("home"), environ={"PYTHONPATH": ""}).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def home(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's home, so that `connect` finds it as a user's program does."""
    monkeypatch.setenv("BANDMATE_HOME", str(server.home))
    monkeypatch.delenv("BANDMATE_SERVER", raising=False)
    monkeypatch.delenv("BANDMATE_TOKEN", raising=False)
    return server.home


@pytest.fixture
def band(home: Path) -> Iterator[bandmate.Session]:
    with bandmate.connect(start=False) as session:
        yield session


@pytest.fixture
def drums(band: bandmate.Session, tmp_path: Path) -> Path:
    """Four bars of drums at 120 bpm."""
    (file,) = band.generate("dusty lo-fi drums", bars=4, bpm=120, metre="4/4", key="A minor", seed=3).save(
        tmp_path / "source.wav"
    )
    return file
