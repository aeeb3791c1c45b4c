"""A loaded engine, timelines, and a performance taken in whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from bandmate_plugins import (
    AudioInput,
    LoadedEngine,
    Note,
    Remark,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    TaskReport,
    TaskRequest,
)
from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins.testing.running import PatientContext
from bandmate_protocol.messages import TempoPoint, Timeline


class Recording(AudioInput):
    """Audio in memory."""

    def __init__(self, samples: np.ndarray, role: str = "context") -> None:
        self.role, self.start_frame = role, 0
        self.frames, self.channels = samples.shape
        self._samples = samples.astype(np.float32)

    def read(self, offset: int = 0, frames: int | None = None) -> Any:
        return self._samples[offset : None if frames is None else offset + frames]


@dataclass
class Performance:
    """All that an engine yielded."""

    stems: list[StemStart] = field(default_factory=list)
    pieces: list[list[np.ndarray]] = field(default_factory=list)
    notes: list[list[Note]] = field(default_factory=list)
    steps: list[StageProgress] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)

    def audio(self, stem: int) -> np.ndarray:
        return np.concatenate(self.pieces[stem])

    @property
    def mix(self) -> np.ndarray:
        total = self.audio(0).copy()
        for stem in range(1, len(self.stems)):
            total += self.audio(stem)
        return total

    def take(self, output: Any) -> None:
        if isinstance(output, StemStart):
            assert not any(self.pieces), "every stem is announced before any audio"
            self.stems.append(output)
            self.pieces.append([])
            self.notes.append([])
        elif isinstance(output, StemAudio):
            assert output.samples.dtype == np.float32
            assert output.samples.shape[1] == 2
            self.pieces[output.stem].append(output.samples)
        elif isinstance(output, StemNotes):
            self.notes[output.stem].extend(output.notes)
        elif isinstance(output, StageProgress):
            self.steps.append(output)
        elif isinstance(output, Remark):
            self.remarks.append(output.sentence)
        elif isinstance(output, TaskReport):
            self.report |= output.values


def timeline(
    seconds: float = 8.0,
    bpm: float = 120.0,
    metre: tuple[int, int] = (4, 4),
    rate: int = 48_000,
    start: int = 0,
    **more: Any,
) -> Timeline:
    point = TempoPoint(position=0.0, bpm=bpm, numerator=metre[0], denominator=metre[1])
    end = start + max(1, round(seconds * rate))
    return Timeline(
        sample_rate=rate, start_frame=start, end_frame=end, tempo=more.pop("tempo", (point,)), **more
    )


def perform(
    engine: LoadedEngine,
    prompt: str,
    when: Timeline,
    seed: int = 1,
    inputs: tuple[AudioInput, ...] = (),
    options: SketchOptions | None = None,
    **params: Any,
) -> Performance:
    """`params` are the task's; `options` are the engine's defaults unless given."""
    request = TaskRequest(
        GenerateParams(prompt=prompt, **params), when, seed, inputs, options or SketchOptions()
    )
    performance = Performance()
    for output in engine.text(request, PatientContext()):
        performance.take(output)
    return performance


@pytest.fixture(scope="session")
def engine() -> LoadedEngine:
    return SketchEngine().load("cpu", "full")
