"""The engine's tasks over a tiny checkpoint, asked for in a line."""

from __future__ import annotations

from typing import Any

import numpy as np

from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task

RATE = 8_000


def music(frames: int, channels: int = 2, seed: int = 5) -> np.ndarray:
    """Noise that is left of at the tiny codec's rate."""
    slow = np.random.default_rng(seed).uniform(-0.9, 0.9, (-(-frames // 160), channels))
    return np.repeat(slow, 160, axis=0)[:frames].astype(np.float32)


def made(engine: LoadedAceStep, task: str, params: dict[str, Any], **more: Any) -> TaskResult:
    # Fitting asks the model for a little more; tests/plugins/acestep/test_fitted.py is about that.
    if task in ("generate", "cover", "accompany"):
        params = {"fit": "off"} | params
    asked = more.pop("timeline", None) or make_timeline(frames=2 * RATE, sample_rate=RATE, key="A minor")
    inputs = more.pop("inputs", ())
    if task != "generate" and not inputs:
        inputs = [MemoryInput(music(asked.frames), start_frame=asked.start_frame)]
    return run_task(task, params, timeline=asked, inputs=inputs, engine=engine, seed=more.pop("seed", 3))


def same(one: TaskResult, other: TaskResult) -> bool:
    pairs = zip(one.stems, other.stems, strict=True)
    return all(np.array_equal(a.samples, b.samples) for a, b in pairs)


def repaint(engine: LoadedAceStep, *ranges: tuple[int, int], source: np.ndarray, **params: Any) -> TaskResult:
    spans = [{"start_frame": first, "end_frame": last} for first, last in ranges]
    asked = make_timeline(frames=ranges[-1][1] - ranges[0][0], start_frame=ranges[0][0], sample_rate=RATE)
    seed = params.pop("seed", 3)
    values = {"prompt": "a", "ranges": spans} | params
    return made(engine, "repaint", values, timeline=asked, inputs=[MemoryInput(source)], seed=seed)
