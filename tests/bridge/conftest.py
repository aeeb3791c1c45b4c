"""What the bridge's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_protocol.messages import TempoPoint, Timeline
from tests.bridge.double_server import DoubleServer


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
