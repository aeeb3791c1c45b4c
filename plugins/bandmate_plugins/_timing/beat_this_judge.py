"""A second opinion on where the beats of music lie: the beat tracker beat_this, where it and its weights are here.

F. Foscarin, J. Schlüter, G. Widmer, "Beat this! Accurate beat tracking without DBN postprocessing" (ISMIR 2024).
Code and weights are under the MIT licence. It tells beats in steps of 20 ms, so that only many of them say something.
"""

from __future__ import annotations

import importlib
import importlib.util
import pickle
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64
from bandmate_plugins._timing.band_sources import Reader
from bandmate_plugins._timing.grid_points import GridPoints

CHECKPOINT = "beat_this-final0.ckpt"
"""What the package calls its weights in the cache of torch.hub, once it has downloaded them."""
_REACH_SECONDS = 0.07
"""How far from a beat of the grid a heard one is still that beat, as is usual in scoring beat trackers."""
_FEWEST = 8
"""With fewer beats nothing is said of their drift."""
_BLOCK_SECONDS = 10.0

BeatTracker = Callable[[FloatArray32, int, Callable[[], None]], tuple[FloatArray64, FloatArray64]]
"""Mono samples, their rate in hertz, and what is called before each half minute: beats and downbeats in seconds."""


def beat_tracker() -> BeatTracker | None:
    """The tracker; None where the package or its weights are missing, or the weights are damaged."""
    if importlib.util.find_spec("beat_this") is None:
        return None
    try:
        checkpoint = Path(importlib.import_module("torch.hub").get_dir()) / "checkpoints" / CHECKPOINT
        return _loaded_tracker(checkpoint, checkpoint.stat().st_mtime_ns)
    except (
        ImportError,
        OSError,
        RuntimeError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        pickle.PickleError,
    ):
        return None


@lru_cache(maxsize=1)
def _loaded_tracker(checkpoint: Path, _changed: int) -> BeatTracker:
    torch, package = importlib.import_module("torch"), importlib.import_module("beat_this.inference")
    tracker = package.Audio2Beats(str(checkpoint), "cuda" if torch.cuda.is_available() else "cpu")
    network = tracker.model

    def track(
        samples: FloatArray32, rate: int, check: Callable[[], None]
    ) -> tuple[FloatArray64, FloatArray64]:
        def run_checked(chunk: Any) -> Any:
            check()
            return network(chunk)

        tracker.model = run_checked
        beats, downbeats = tracker(samples, rate)
        return np.asarray(beats, np.float64), np.asarray(downbeats, np.float64)

    return track


def second_opinion(
    tracker: BeatTracker, read: Reader, frames: int, rate: int, grid: GridPoints, check: Callable[[], None]
) -> dict[str, Any]:
    """What a tracker says of so many frames of audio on a grid, for a report."""
    block = round(_BLOCK_SECONDS * rate)
    pieces = [read(at, min(at + block, frames)).mean(axis=1) for at in range(0, frames, block)]
    samples = np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)
    beats, downbeats = tracker(samples, rate, check)
    return compare_beats(beats, downbeats, grid, rate)


def compare_beats(
    beats: FloatArray64, downbeats: FloatArray64, grid: GridPoints, rate: int
) -> dict[str, Any]:
    """How heard beats, in seconds from the range's start, lie against its grid.

    `heard`: how many there are. `on_grid`: how many of them are within 70 ms of a beat of the grid. `late_ms`: how late
    these are in the median, and `drift_ms_per_bar` how much later from bar to bar; both are left out for fewer than
    eight. `downbeats_on_bars`: the share of the bars that have a downbeat at their start.
    """
    seconds = grid.places[grid.is_beat] / rate
    found: dict[str, Any] = {"heard": len(beats), "on_grid": 0}
    late, at = _lateness(beats, seconds)
    found["on_grid"] = len(late)
    if len(late) >= _FEWEST:
        found["late_ms"] = round(float(np.median(late)) * 1_000, 1)
        bars = np.interp(at, grid.edges / rate, np.linspace(0.0, grid.bars, len(grid.edges)))
        found["drift_ms_per_bar"] = round(float(np.polyfit(bars, late, 1)[0]) * 1_000, 2)
    lines = grid.edges[:-1] / rate
    found["downbeats_on_bars"] = round(len(_lateness(downbeats, lines)[0]) / max(len(lines), 1), 3)
    return found


def _lateness(heard: FloatArray64, places: FloatArray64) -> tuple[FloatArray64, FloatArray64]:
    """How late the heard moments near one of the places are, and where they are, in seconds."""
    if not len(heard) or not len(places):
        return np.zeros(0), np.zeros(0)
    nearest = places[np.abs(heard[:, np.newaxis] - places).argmin(axis=1)]
    near = np.abs(heard - nearest) <= _REACH_SECONDS
    return heard[near] - nearest[near], heard[near]
