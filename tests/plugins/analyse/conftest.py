"""Music made from formulas, whose beats, chords and key are known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate_plugins._engines.dsp import DspEngine
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.request import AudioInput
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task

Floats = NDArray[np.float32]
CHORDS = {"C": (48, 60, 64, 67), "Am": (45, 57, 60, 64), "F": (41, 57, 60, 65), "G": (43, 55, 59, 62)}
"""MIDI notes, the first one the bass."""


@pytest.fixture(scope="session")
def dsp() -> LoadedEngine:
    return DspEngine().load("cpu", "full")


def band(
    rate: int = 44_100,
    *,
    bpm: float = 120.0,
    beats: int = 4,
    bars: int = 16,
    start: float = 0.0,
    drift: float = 0.0,
    cents: float = 0.0,
) -> tuple[Floats, list[float]]:
    """Drums and chords, one of C, Am, F, G for each bar; mono, and its beats in seconds.

    The tempo rises by `drift` (a share) from start to end.
    """
    count = bars * beats
    periods = 60 / (bpm * (1 + drift * np.arange(count) / count))
    times = start + np.concatenate(([0.0], np.cumsum(periods)))
    out = np.zeros(int(rate * (times[-1] + 0.2)))
    random = np.random.default_rng(4)
    for number, at in enumerate(times[:-1].tolist()):
        place = number % beats
        if place == 0:
            names = list(CHORDS)
            until = times[min(number + beats, count)]
            _add(out, rate, at, _chord(rate, until - at, CHORDS[names[number // beats % 4]], cents))
            _add(out, rate, at, 0.6 * _kick(rate))
        else:
            _add(out, rate, at, 0.25 * _noise(random, rate, 0.08))
        _add(out, rate, at, 0.1 * _noise(random, rate, 0.03))
    return (0.5 * out).astype(np.float32), times[:-1].tolist()


def _add(out: NDArray[np.float64], rate: int, at: float, sound: NDArray[np.float64]) -> None:
    first = round(at * rate)
    part = out[first : first + len(sound)]
    part += sound[: len(part)]


def _kick(rate: int) -> NDArray[np.float64]:
    time = np.arange(int(0.2 * rate)) / rate
    phase = 2 * np.pi * np.cumsum(50 + 100 * np.exp(-time / 0.03)) / rate
    return np.asarray(np.sin(phase) * np.exp(-time / 0.07))


def _noise(random: np.random.Generator, rate: int, decay: float) -> NDArray[np.float64]:
    time = np.arange(int(4 * decay * rate)) / rate
    return np.asarray(random.standard_normal(len(time)) * np.exp(-time / decay))


def _chord(rate: int, seconds: float, notes: tuple[int, ...], cents: float) -> NDArray[np.float64]:
    time = np.arange(int(seconds * rate)) / rate
    out = np.zeros(len(time))
    for note in notes:
        hertz = 440 * 2 ** ((note - 69 + cents / 100) / 12)
        for partial in range(1, 5):
            if hertz * partial < 0.45 * rate:
                out += 0.06 * np.sin(2 * np.pi * hertz * partial * time) / partial
    return np.asarray(out * np.minimum(1, np.minimum(time, seconds - time) / 0.01) * np.exp(-time / 1.5))


def analyse(
    samples: Floats, engine: LoadedEngine, *, rate: int = 44_100, start: int = 0, **params: Any
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The report and the remarks on audio that begins at a frame of a project."""
    result = run_task(
        "analyse",
        params,
        timeline=make_timeline(frames=len(samples), sample_rate=rate, start_frame=start),
        inputs=[MemoryInput(samples, start_frame=start)],
        engine=engine,
    )
    return result.report, result.remarks


class EndlessInput(AudioInput):
    """A loop of any length; it lies nowhere in full."""

    def __init__(self, loop: Floats, frames: int) -> None:
        self.role = "source"
        self.frames = frames
        self.channels = loop.shape[1]
        self.start_frame = 0
        self._loop = loop

    def read(self, offset: int = 0, frames: int | None = None) -> Floats:
        stop = self.frames if frames is None else min(self.frames, offset + frames)
        return self._loop[np.arange(offset, stop) % len(self._loop)]


class ShrinkingInput(EndlessInput):
    """A file that turns out to be shorter than it said."""

    def __init__(self, loop: Floats, frames: int, real: int) -> None:
        super().__init__(loop, frames)
        self._real = real

    def read(self, offset: int = 0, frames: int | None = None) -> Floats:
        return super().read(offset, frames)[: max(0, self._real - offset)]
