"""What the bridge's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_bridge.rpp import NewMidi, new_project
from bandmate_protocol.messages import Note, TempoPoint, Timeline
from tests.bridge.command_line import CommandLine
from tests.bridge.double_server import DoubleServer
from tests.running import RunningServer


@pytest.fixture
def double() -> Iterator[DoubleServer]:
    server = DoubleServer().start()
    yield server
    server.stop()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, so that nobody's server is found."""
    folder = tmp_path / "home"
    monkeypatch.setenv("BANDMATE_HOME", str(folder))
    monkeypatch.delenv("BANDMATE_SERVER", raising=False)
    monkeypatch.delenv("BANDMATE_TOKEN", raising=False)
    return folder


@pytest.fixture
def second() -> Timeline:
    """One second at 48 kHz."""
    return Timeline(
        sample_rate=48_000, start_frame=0, end_frame=48_000, tempo=(TempoPoint(position=0.0, bpm=120.0),)
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("home")).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def bandmate(server: RunningServer, tmp_path: Path) -> CommandLine:
    """The command line beside a server that runs already."""
    folder = tmp_path / "work"
    folder.mkdir()
    return CommandLine(server.home, folder)


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    """A project at 44.1 kHz with a change of metre, a ramp and two tracks of one name."""
    rate = 44_100
    project = new_project(
        bandmate.folder / "song.rpp",
        sample_rate=rate,
        tempo=[
            TempoPoint(position=0.0, bpm=100.0),
            TempoPoint(
                position=19.2 * rate, bpm=90.0, numerator=7, denominator=8, shape="linear", starts_bar=True
            ),
            TempoPoint(position=30.0 * rate, bpm=120.0, numerator=7, denominator=8),
        ],
    )
    notes = [Note(start=0, frames=1000, pitch=60, velocity=100)]
    for name in ("Guitar", "Voice", "Voice"):
        project.insert_midi([NewMidi(name=name, start_frame=0, frames=rate, notes=notes)])
    project.save()
    return project.path
