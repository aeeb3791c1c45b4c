"""Bands of the engine `sketch`, played by its own synthesis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from bandmate_plugins._engines.sketch import SketchEngine, library
from bandmate_plugins.testing import TaskResult, make_timeline, run_task
from bandmate_protocol.messages import TempoPoint, Timeline
from tests.metrics import sketch_audio as measure

CADENCING = (
    "pop",
    "rock",
    "country",
    "classical",
    "synthwave",
    "cinematic",
    "reggae",
    "jazz",
    "soul",
    "disco",
)
"""Genres whose pieces end on their tonic by way of the dominant or its like."""
MODES = ("major", "minor")
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@lru_cache(maxsize=1)
def engine() -> Any:
    """The engine, loaded once."""
    return SketchEngine().load("cpu", "full")


def when(seconds: float, bpm: float, key: str | None = None) -> Timeline:
    """A range at the beginning of a project in 4/4."""
    frames = round(seconds * measure.RATE)
    plain = make_timeline(sample_rate=measure.RATE)
    return Timeline(
        sample_rate=plain.sample_rate, start_frame=0, end_frame=frames, key=key,
        tempo=(TempoPoint(position=0.0, bpm=bpm),),
    )  # fmt: skip


def played(prompt: str, at: Timeline, seed: int) -> TaskResult:
    """The stems of a prompt, by the engine's own synthesis."""
    return run_task("generate", {"prompt": prompt, "sound": "own"}, timeline=at, seed=seed, engine=engine())


def band(genre: str, seed: int, seconds: float = 16.0, **more: Any) -> TaskResult:
    """A genre's band at the middle of its tempos."""
    low, high = library.genres()[genre].tempo
    return played(library.genres()[genre].words[0], when(seconds, (low + high) / 2, **more), seed)


def mono(stem: Any) -> measure.Mono:
    """Both sides' mean."""
    return np.asarray(stem.samples.mean(axis=1), dtype=np.float32)


def mix_of(result: TaskResult) -> Any:
    """The sum of the stems in order."""
    total = result.stems[0].samples.copy()
    for stem in result.stems[1:]:
        total += stem.samples
    return total


def whole(result: TaskResult) -> measure.Mono:
    """The mix on one channel."""
    return np.asarray(mix_of(result).mean(axis=1), dtype=np.float32)


def undrummed(result: TaskResult) -> measure.Mono:
    """The pitched stems on one channel."""
    pitched = [mono(stem) for stem in result.stems if stem.role != "drums"]
    return np.asarray(np.sum(pitched, axis=0), dtype=np.float32)


def cadencing(seeds: Sequence[int], modes: Sequence[str] = MODES) -> Iterator[tuple[str, str, TaskResult]]:
    """Genre, key and piece, with both modes of each genre and the tonics going round."""
    for number, genre in enumerate(CADENCING):
        for mode in modes:
            for seed in seeds:
                true = f"{_SHARPS[(5 * number + 3 * seed) % 12]} {mode}"
                yield genre, true, band(genre, seed, 32.0, key=true)
