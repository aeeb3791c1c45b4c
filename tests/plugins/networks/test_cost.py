"""The command that measures networks runs, on any machine."""

from __future__ import annotations

import sys

import pytest

from tests.tools import network_cost


def test_times_and_memory_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys,
        "argv",
        ["x", "--tiny", "--seconds", "2", "--overlaps", "0.1", "--batches", "1", "2", "--rounds", "2"],
    )
    network_cost.main()
    monkeypatch.setattr(sys, "argv", ["x", "--tiny", "--memory", "2"])
    network_cost.main()
    rows = [line for line in capsys.readouterr().out.splitlines() if "tiny" in line]
    assert [row.count("|") for row in rows] == [8, 8, 4]
    for row in rows[:2]:
        for ratio in row.split("|")[5:7]:
            middle, lowest, _, highest = ratio.replace("(", "").replace(")", "").split()
            assert 0 < float(lowest) <= float(middle) <= float(highest)
