"""Each part goes where a musician would look for it, better than in a share of the mix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bandmate_plugins._engines.dsp.medians import running_median
from bandmate_plugins._engines.dsp.repetition import SpectrumMemory
from bandmate_plugins._tasks.separate import SeparateTask
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from tests.plugins.dsp.conftest import decibels, strokes, tone

RATES = [16_000, 44_100, 96_000]


def mixed(rate: int) -> dict[str, Any]:
    """Parts of a mix, 8 s, each (frames, 2): the chord leans to one side."""
    kick = strokes(rate, 8, 60, 0.06, 0.5, 0.1)
    hats = strokes(rate, 8, 6_000, 0.02, 0.25, 1.0) * np.float32(0.3)
    bass = tone(rate, 8, 55, 0.25)
    chord = tone(rate, 8, 440) + tone(rate, 8, 554.4) + tone(rate, 8, 659.3)
    both = np.ones(2, np.float32)
    aside = np.array([1.0, 0.3], np.float32)
    return {
        "drums": np.outer(kick + hats, both),
        "bass": np.outer(bass, both),
        "other": np.outer(chord * np.float32(0.5), aside),
    }


@pytest.mark.parametrize("rate", RATES)
def test_parts_are_found_at_any_rate(dsp: LoadedEngine, rate: int) -> None:
    parts = mixed(rate)
    mix = np.sum(list(parts.values()), axis=0)
    asked = make_timeline(sample_rate=rate)
    result = run_task(SeparateTask(), timeline=asked, inputs=[MemoryInput(mix)], engine=dsp)
    # The kick lies in the middle of a bass that never stops, so of the drums less is found.
    for role, better in {"drums": 0.2, "bass": 4.0, "other": 8.0}.items():
        gain = decibels(parts[role], result.stem(role).samples) - decibels(parts[role], mix / 4)
        assert gain > better, role


def test_drums_of_a_kit_are_found(dsp: LoadedEngine) -> None:
    rate = 44_100
    late = int(rate * 0.25)
    parts = {
        "kick": strokes(rate, 8, 60, 0.08, 0.5, 0.02),
        "snare": np.roll(strokes(rate, 8, 190, 0.08, 1.0, 0.6), late),
    }
    mix = parts["kick"] + parts["snare"]
    asked = make_timeline(sample_rate=rate)
    result = run_task(
        SeparateTask(), {"mode": "drums"}, timeline=asked, inputs=[MemoryInput(mix)], engine=dsp
    )
    assert decibels(parts["kick"], result.stem("kick").samples[:, 0]) > 6
    assert decibels(parts["snare"], result.stem("snare").samples[:, 0]) > 6


def test_a_running_median_is_the_median() -> None:
    values = np.random.default_rng(2).random((40, 30)).astype(np.float32)
    for axis, length in ((0, 5), (1, 9)):
        half = length // 2
        width = [(half, half) if a == axis else (0, 0) for a in (0, 1)]
        padded = np.pad(values, width, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, length, axis=axis)
        assert np.array_equal(running_median(values, length, axis), np.median(windows, axis=-1))


def test_what_comes_again_is_told_from_what_does_not() -> None:
    random = np.random.default_rng(4)
    bar = random.random((20, 100)).astype(np.float32)
    song = np.tile(bar, (8, 1))
    song[90:95, 40:50] += 5
    memory = SpectrumMemory(100, past=200, like=7, apart=4)
    memory.add(song)
    shares = memory.repeating_share(80, 120)
    assert shares[10:15, 40:50].mean() < 0.2
    assert np.delete(shares, range(10, 15), axis=0).min() > 0.99


def test_memory_forgets_and_still_knows_its_place() -> None:
    random = np.random.default_rng(6)
    song = random.random((300, 60)).astype(np.float32)
    whole, forgetful = (SpectrumMemory(60, past=50, like=5, apart=2) for _ in range(2))
    whole.add(song[150:])
    forgetful.add(song)
    forgetful.discard_before(200)
    assert np.array_equal(whole.repeating_share(50, 60), forgetful.repeating_share(200, 210))
