"""Pieces whose notes are known, and sounds that are no music, for covers and accompaniments."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins import AudioInput, LoadedEngine, Task
from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._tasks.generate import GenerateTask
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_protocol.messages import Timeline

RATE = 22_050
Audio = NDArray[np.float32]


@lru_cache(maxsize=1)
def shared() -> LoadedEngine:
    return SketchEngine().load("cpu", "full")


@lru_cache(maxsize=16)
def known(prompt: str, bpm: float = 112, bars: int = 8, seed: int = 5) -> tuple[Timeline, Audio, TaskResult]:
    """A piece of the engine's own, its mix, and its notes."""
    when = make_timeline(bars, bpm=bpm, sample_rate=RATE)
    result = run_task(GenerateTask(), {"prompt": prompt}, timeline=when, seed=seed, engine=shared())
    return when, mix_of(result), result


def mix_of(result: TaskResult) -> Audio:
    return np.sum([stem.samples for stem in result.stems], axis=0, dtype=np.float32)


def perform(
    task: Task, when: Timeline, source: Audio | AudioInput, seed: int = 1, **params: Any
) -> TaskResult:
    given = source if isinstance(source, AudioInput) else MemoryInput(source, start_frame=when.start_frame)
    return run_task(task, params, timeline=when, inputs=[given], engine=shared(), seed=seed)


def lufs(samples: Audio, rate: int = RATE) -> float:
    meter = LoudnessMeter(rate, samples.shape[1])
    meter.add(samples)
    found = meter.integrated_lufs()
    assert found is not None
    return found


def tones(pitches: list[int], seconds: float = 0.4, rate: int = RATE) -> Audio:
    """A melody of tones with six partials, one after another; 0 is a rest."""
    time = np.arange(round(seconds * rate)) / rate
    shape = np.minimum(1, np.minimum(time, time[::-1]) / 0.012) * 0.2
    notes = []
    for pitch in pitches:
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        wave = sum(np.sin(2 * np.pi * hertz * n * time) / n for n in range(1, 7))
        notes.append(wave * shape * (pitch > 0))
    return np.repeat(np.concatenate(notes)[:, None], 2, axis=1).astype(np.float32)


def speech(seconds: float, rate: int = RATE) -> Audio:
    """Gliding buzzes in bursts, as a voice talks."""
    rng = np.random.default_rng(11)
    time = np.arange(round(seconds * rate)) / rate
    pitch = 110 + 25 * np.sin(2 * np.pi * 0.7 * time) + 18 * np.sin(2 * np.pi * 2.3 * time + 1)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    buzz = sum(np.sin(phase * n) / n for n in range(1, 24))
    size = rate // 5
    syllables = np.repeat(rng.random(len(time) // size + 1) > 0.35, size)[: len(time)]
    return np.repeat((buzz * syllables * np.abs(np.sin(5 * np.pi * time)) * 0.1)[:, None], 2, axis=1).astype(
        np.float32
    )


def noise(seconds: float, rate: int = RATE) -> Audio:
    return np.random.default_rng(3).normal(0, 0.1, (round(seconds * rate), 2)).astype(np.float32)


class Loop(AudioInput):
    """A recording that goes round for as long as is wanted, without lying in memory; counts what is read."""

    role = "source"
    start_frame = 0

    def __init__(self, samples: Audio, frames: int) -> None:
        self._samples, self.frames, self.channels = samples, frames, samples.shape[1]
        self.furthest = 0

    def read(self, offset: int = 0, frames: int | None = None) -> Any:
        end = self.frames if frames is None else min(offset + frames, self.frames)
        self.furthest = max(self.furthest, end)
        return self._samples[np.arange(offset, end) % len(self._samples)]
