"""The command that measures networks runs, on any machine."""

from __future__ import annotations

import sys

import pytest

from tests.tools import network_cost


def test_times_and_memory_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["x", "--tiny", "--seconds", "2", "--overlaps", "0.1", "--batches", "1", "2"]
    )
    network_cost.main()
    monkeypatch.setattr(sys, "argv", ["x", "--tiny", "--memory", "2"])
    network_cost.main()
    rows = [line for line in capsys.readouterr().out.splitlines() if "tiny" in line]
    assert [row.count("|") for row in rows] == [7, 7, 4]
    ratios = [float(row.split("|")[5]) for row in rows[:2]]
    assert all(ratio > 0 for ratio in ratios)
