"""The stems are the source cut up: nothing lost, nothing moved, whatever its length, rate and channels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bandmate_plugins._tasks.separate import SeparateTask
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task

BELOW = 10 ** (-90 / 20)
WHOLE: list[dict[str, Any]] = [
    {},
    {"mode": "two"},
    {"mode": "drums"},
    {"mode": "drums", "from_mix": True, "residual": True},
    {"stems": "bass, vocals", "residual": True},
]
"""Parameters with which the stems sum to the source."""


def separated(dsp: LoadedEngine, audio: Any, params: dict[str, Any], rate: int = 48_000) -> TaskResult:
    source = MemoryInput(audio, start_frame=123)
    return run_task(
        SeparateTask(), params, timeline=make_timeline(sample_rate=rate), inputs=[source], engine=dsp
    )


def noise(frames: int, channels: int, level: float = 0.5) -> Any:
    return np.random.default_rng(frames).uniform(-level, level, (frames, channels)).astype(np.float32)


def total(result: TaskResult) -> Any:
    return np.sum([stem.samples for stem in result.stems], axis=0, dtype=np.float64)


@pytest.mark.parametrize("params", WHOLE, ids=str)
def test_the_stems_sum_to_the_source(dsp: LoadedEngine, params: dict[str, Any]) -> None:
    audio = noise(500_001, 2)
    result = separated(dsp, audio, params)
    assert np.abs(total(result) - audio).max() < BELOW
    assert {(len(stem.samples), stem.start_frame) for stem in result.stems} == {(500_001, 123)}


@pytest.mark.parametrize("bits", [8, 16, 24])
@pytest.mark.parametrize("params", WHOLE, ids=str)
def test_of_whole_steps_they_sum_bit_for_bit(dsp: LoadedEngine, params: dict[str, Any], bits: int) -> None:
    full = np.float32(1 << (bits - 1))
    audio = np.rint(noise(60_001, 2, 0.99) * full) / full
    parts = [stem.samples for stem in separated(dsp, audio, params).stems]
    assert np.array_equal(np.sum(parts, axis=0, dtype=np.float64), audio)
    for order in (parts, parts[::-1]):
        assert np.array_equal(np.sum(order, axis=0, dtype=np.float32), audio)


@pytest.mark.parametrize("stem", ["drums", "bass", "vocals", "other"])
def test_a_stem_alone_is_the_same_as_among_the_others(dsp: LoadedEngine, stem: str) -> None:
    audio = noise(100_000, 2)
    alone = separated(dsp, audio, {"stems": stem})
    assert len(alone.stems) == 1
    among = separated(dsp, audio, {}).stem(stem)
    assert np.abs(alone.stems[0].samples - among.samples).max() < BELOW


def test_masks_alone_sum_to_one(dsp: LoadedEngine) -> None:
    """Without the last stem made by difference, the transform itself gives the samples back."""
    audio = noise(100_001, 2)
    parts = [separated(dsp, audio, {"stems": name}) for name in ("drums", "bass", "vocals", "other")]
    assert np.abs(np.sum([total(part) for part in parts], axis=0) - audio).max() < BELOW


@settings(max_examples=25)
@given(
    frames=st.integers(1, 30_000),
    channels=st.integers(1, 8),
    rate=st.sampled_from([8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000]),
    params=st.sampled_from(WHOLE),
)
@example(frames=1, channels=1, rate=8_000, params={})
@example(frames=1, channels=8, rate=192_000, params={"mode": "two"})
@example(frames=1_024, channels=2, rate=44_100, params={})
@example(frames=1_025, channels=3, rate=44_100, params={})
def test_any_length_rate_and_channels(
    dsp: LoadedEngine, frames: int, channels: int, rate: int, params: dict[str, Any]
) -> None:
    audio = noise(frames, channels)
    result = separated(dsp, audio, params, rate)
    assert all(stem.samples.shape == audio.shape for stem in result.stems)
    assert np.abs(total(result) - audio).max() < BELOW


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_nothing_moves_in_time(dsp: LoadedEngine, rate: int) -> None:
    """The cross-correlation of the sum, and of each stem that has something, is largest at lag 0."""
    audio = noise(rate, 1)
    result = separated(dsp, audio, {"stems": "drums,bass,other,vocals"}, rate)
    spectrum = np.conj(np.fft.rfft(audio[:, 0], 2 * rate))
    heard = [total(result)] + [stem.samples for stem in result.stems if np.abs(stem.samples).max() > 1e-3]
    assert len(heard) >= 3
    for samples in heard:
        correlation = np.fft.irfft(np.fft.rfft(samples[:, 0], 2 * rate) * spectrum)
        assert int(np.argmax(correlation)) == 0


@pytest.mark.parametrize("level", [0.0, 1e-30, 1e-6, 100.0, 1e9])
def test_silence_stays_silence_and_any_level_is_kept(dsp: LoadedEngine, level: float) -> None:
    audio = noise(60_000, 2, 1.0) * np.float32(level)
    result = separated(dsp, audio, {})
    assert np.abs(total(result) - audio).max() <= BELOW * level
    assert bool(result.remarks) == (level == 0.0)


def test_a_constant_and_clipped_audio(dsp: LoadedEngine) -> None:
    constant = np.full((50_000, 1), 0.7, np.float32)
    clipped = np.clip(noise(50_000, 2, 3.0), -1, 1)
    for audio in (constant, clipped):
        result = separated(dsp, audio, {})
        assert np.abs(total(result) - audio).max() < BELOW


def test_the_same_bytes_again(dsp: LoadedEngine) -> None:
    audio = noise(700_000, 2)
    first, second = (separated(dsp, audio, {}) for _ in range(2))
    assert [s.samples.tobytes() for s in first.stems] == [s.samples.tobytes() for s in second.stems]
