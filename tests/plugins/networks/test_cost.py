"""Time and memory of separation by networks can be measured on any machine."""

from __future__ import annotations

import pytest

from tests.metrics.network_costs import Setting, compare, memory_row, tiny


@pytest.mark.parametrize("batch", [1, 2])
def test_times_are_measured_next_to_the_packages(batch: int) -> None:
    row = compare(Setting("tiny", seconds=2, overlap=0.1, device="cpu", batch=batch), rounds=2)
    assert row.count("|") == 8
    for ratio in row.split("|")[5:7]:
        middle, lowest, _, highest = ratio.replace("(", "").replace(")", "").split()
        assert 0 < float(lowest) <= float(middle) <= float(highest)


def test_memory_is_measured() -> None:
    row = memory_row(tiny(), 2, "cpu")
    assert row.startswith("| a tiny HTDemucs | 2 s |")
    assert row.endswith(" MB |")
