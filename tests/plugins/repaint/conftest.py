"""Engines that give known audio, and recordings in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins import (
    LoadedEngine,
    Output,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    TaskContext,
    TaskRequest,
)
from bandmate_protocol.messages import Note

Audio = NDArray[np.float32]


class Player(LoadedEngine):
    """Gives audio that it was made with, from a frame of the project on, in pieces of some length."""

    def __init__(self, audio: Audio, role: str = "keys", piece: int = 4_096, start: int = 0) -> None:
        self._audio, self._role, self._piece, self._start = audio, role, piece, start
        self.asked: list[TaskRequest[Any]] = []

    def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        self.asked.append(request)
        timeline = request.timeline
        first = timeline.start_frame - self._start
        audio = self._audio[first : first + timeline.frames]
        yield StemStart("Keys", self._role, channels=audio.shape[1])
        yield StemNotes(0, [Note(start=0, frames=1, pitch=60, velocity=90)])
        for at in range(0, len(audio), self._piece):
            context.check()
            yield StemAudio(0, np.ascontiguousarray(audio[at : at + self._piece]))
            yield StageProgress("Playing", min(at + self._piece, len(audio)), len(audio))


def noise(frames: int, channels: int = 2, seed: int = 1, level: float = 0.1) -> Audio:
    random = np.random.default_rng(seed)
    return (level * random.standard_normal((frames, channels))).astype(np.float32)


def tone(frames: int, hertz: float, rate: int = 48_000, level: float = 0.2, phase: float = 0.0) -> Audio:
    wave = level * np.sin(2 * np.pi * hertz * np.arange(frames) / rate + phase)
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


def clicks(frames: int, every: int, first: int = 0, level: float = 0.5) -> Audio:
    """Short decaying noises at known frames, over a very quiet floor."""
    out = noise(frames, seed=9, level=1e-5)
    hit = noise(600, seed=3, level=level) * np.exp(-np.arange(600) / 120)[:, None]
    for at in range(first, frames - 600, every):
        out[at : at + 600] += hit.astype(np.float32)
    return out
