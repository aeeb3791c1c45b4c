"""beat_this as a second judge: what its beats say of a grid, and the package itself with tiny random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bandmate_plugins._timing.beat_this_judge import (
    beat_tracker,
    compare_beats,
    second_opinion,
)
from bandmate_plugins._timing.grid_points import GridPoints, grid_points
from bandmate_plugins.testing import make_timeline
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap

RATE = 48_000
BARS = 8


def timeline(bpm: float = 120.0) -> Timeline:
    return make_timeline(frames=BARS * 2 * RATE, sample_rate=RATE, bpm=bpm)


def grid() -> GridPoints:
    over = timeline()
    return grid_points(TempoMap.from_timeline(over), over.start_frame, over.end_frame)


BEATS = np.arange(4 * BARS) * 0.5


def test_beats_that_drift_are_told_in_milliseconds_a_bar() -> None:
    heard = BEATS + 0.010 + 0.001 * np.arange(len(BEATS))
    found = compare_beats(heard, heard[::4], grid(), RATE)
    assert found == {
        "heard": 32,
        "on_grid": 32,
        "late_ms": 25.5,
        "drift_ms_per_bar": pytest.approx(4.0, abs=0.05),
        "downbeats_on_bars": 1.0,
    }


def test_beats_between_those_of_the_grid_are_not_on_it() -> None:
    found = compare_beats(BEATS + 0.25, BEATS[2::4], grid(), RATE)
    assert found == {"heard": 32, "on_grid": 0, "downbeats_on_bars": 0.0}


@pytest.mark.parametrize("beats", [np.zeros(0), BEATS[:7]])
def test_few_beats_say_nothing_of_drift(beats: np.ndarray) -> None:
    found = compare_beats(beats, np.zeros(0), grid(), RATE)
    assert found == {"heard": len(beats), "on_grid": len(beats), "downbeats_on_bars": 0.0}


def test_the_package_is_asked_piece_by_piece(beat_this_weights: Path) -> None:
    tracker = beat_tracker()
    assert tracker is not None
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (32 * RATE, 2)).astype(np.float32)
    checks: list[None] = []

    def check() -> None:
        checks.append(None)

    found = [
        second_opinion(tracker, lambda a, b: noise[a:b], len(noise), RATE, grid(), check) for _ in range(2)
    ]
    assert found[0] == found[1]
    assert found[0]["heard"] > 0
    assert found[0]["on_grid"] <= found[0]["heard"]
    assert len(checks) == 2 * 2, "once for each half minute"


def test_without_weights_or_with_damaged_ones_there_is_no_judge(
    beat_this_weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert beat_tracker() is not None
    beat_this_weights.write_bytes(beat_this_weights.read_bytes()[:1000])
    assert beat_tracker() is None
    beat_this_weights.write_bytes(b"")
    assert beat_tracker() is None
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "elsewhere"))
    assert beat_tracker() is None
