"""Audio with known parts, made from formulas, and a source of any length that lies nowhere."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate_plugins._engines.dsp import DspEngine
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.request import AudioInput

Floats = NDArray[np.float32]


@pytest.fixture(scope="session")
def dsp() -> LoadedEngine:
    return DspEngine().load("cpu", "full")


class EndlessInput(AudioInput):
    """Noise of any length, made where it is read; it remembers the most that was asked for at once."""

    def __init__(self, frames: int, channels: int = 2, start_frame: int = 0) -> None:
        self.role = "source"
        self.frames = frames
        self.channels = channels
        self.start_frame = start_frame
        self.reads: list[tuple[int, int]] = []
        random = np.random.default_rng(5)
        self._loop = random.uniform(-0.3, 0.3, (48_000, channels)).astype(np.float32)

    def read(self, offset: int = 0, frames: int | None = None) -> Floats:
        stop = self.frames if frames is None else min(self.frames, offset + frames)
        self.reads.append((offset, stop))
        return self._loop[np.arange(offset, stop) % len(self._loop)]


class ShrinkingInput(EndlessInput):
    """A file that turns out to be shorter than it said."""

    def __init__(self, frames: int, real: int) -> None:
        super().__init__(frames)
        self._real = real

    def read(self, offset: int = 0, frames: int | None = None) -> Floats:
        return super().read(offset, frames)[: max(0, self._real - offset)]


def strokes(rate: int, seconds: float, hertz: float, decay: float, every: float, noise: float) -> Floats:
    """A drum: a falling tone and noise that die away, struck every so many seconds."""
    random = np.random.default_rng(3)
    time = np.arange(int(rate * every)) / rate
    shape = np.exp(-time / decay)
    tone = np.sin(2 * np.pi * hertz * time) * (1 - noise)
    hits = [
        shape * (tone + noise * random.standard_normal(len(time))) for _ in range(int(seconds / every) + 1)
    ]
    return (0.4 * np.concatenate(hits)[: int(rate * seconds)]).astype(np.float32)


def tone(rate: int, seconds: float, hertz: float, level: float = 0.2) -> Floats:
    """A held note with a few partials."""
    time = np.arange(int(rate * seconds)) / rate
    partials = sum(np.sin(2 * np.pi * hertz * n * time) / n**2 for n in range(1, 5))
    return (level * np.asarray(partials)).astype(np.float32)


def decibels(truth: NDArray[np.floating], estimate: NDArray[np.floating]) -> float:
    """The ratio of a signal to what an estimate of it gets wrong, in dB."""
    error = float(np.sum((np.asarray(truth, float) - estimate) ** 2))
    return float(10 * np.log10(np.sum(np.asarray(truth, float) ** 2) / max(error, 1e-30)))
