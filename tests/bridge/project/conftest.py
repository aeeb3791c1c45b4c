"""Projects on the disk."""

from pathlib import Path

import pytest

from tests.bridge.project.samples import reaper7


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A REAPER 7 project in a folder of its own."""
    path = tmp_path / "song" / "song.rpp"
    path.parent.mkdir()
    path.write_bytes(reaper7())
    return path
