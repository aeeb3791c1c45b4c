"""`bandmate slots`."""

from __future__ import annotations

import json

from tests.bridge.command_line import CommandLine
from tests.running import RunningServer


def test_slots_are_filled_listed_and_emptied(bandmate: CommandLine, server: RunningServer) -> None:
    shown = bandmate.good("slots", "store", 20, "cover", "string quartet", "--set", "strength=0.25").out
    assert "string quartet" in shown
    listed = json.loads(bandmate.good("slots", "list", "--json").out)
    assert listed[-1] == {
        "number": 20,
        "task": "cover",
        "params": {"prompt": "string quartet", "strength": 0.25},
    }
    assert "strength: 0.25" in bandmate.good("slots", COLUMNS="200").out
    bandmate.good("slots", "clear", 20)
    assert 20 not in [slot["number"] for slot in json.loads(bandmate.good("slots", "list", "--json").out)]


def test_mistakes_are_said(bandmate: CommandLine, server: RunningServer) -> None:
    assert "There is no task `sing`" in bandmate.refused("slots", "store", 1, "sing")
    assert "NAME=VALUE" in bandmate.refused("slots", "store", 1, "cover", "--set", "strength", code=2)
    assert "65" in bandmate.refused("slots", "store", 65, "cover", code=2)
