"""`bandmate midi` on a controller that a backend of mido gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bridge.command_line import CommandLine


@pytest.fixture
def bandmate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("MIDO_BACKEND", "desk_midi")
    return CommandLine(tmp_path / "home", tmp_path / "work")


def test_a_pad_is_seen_taught_and_seen_again(bandmate: CommandLine) -> None:
    assert "Desk Box: no map" in bandmate.good("midi", "ports").out
    before = bandmate.good("midi", "monitor", "--seconds", 0.3).out
    assert "Desk Box: note, number 40, channel 2, velocity 100\n" in before
    assert "slot/3/arm" in bandmate.good("midi", "learn", "slot/3/arm").out
    assert "Desk Box: Desk Box" in bandmate.good("midi", "ports").out
    after = bandmate.good("midi", "monitor", "--seconds", 0.3).out
    assert "Desk Box: note, number 40, channel 2, velocity 100 -> slot/3/arm\n" in after
    assert "No such MIDI controller" in bandmate.refused("midi", "monitor", "--port", "another")


def test_pages_of_strips_are_listed(bandmate: CommandLine) -> None:
    assert "strips/page/1 " in bandmate.good("midi", "controls").out
