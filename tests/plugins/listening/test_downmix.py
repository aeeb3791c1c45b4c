"""What an ear hears of several channels: nothing cancels, and ordinary stereo is its mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_plugins._listening.downmix import (
    BLOCK_SECONDS,
    DownmixReader,
    MonoDownmix,
    mono_downmix,
    stereo_downmix,
)
from bandmate_plugins.testing import MemoryInput

RATE = 16_000
LFE = 3


def tone(midi: float, seconds: float = 9.0, harmonics: int = 5) -> np.ndarray:
    time = np.arange(round(RATE * seconds)) / RATE
    hertz = 440 * 2 ** ((midi - 69) / 12)
    parts = [np.sin(2 * np.pi * hertz * n * time) / n for n in range(1, harmonics + 1)]
    return (0.1 * np.sum(parts, axis=0) * np.exp(-(time % 0.5) / 0.3)).astype(np.float32)


def sides(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.stack([left, right], axis=1).astype(np.float32)


def level_at(mono: np.ndarray, midi: float) -> float:
    """The magnitude at a pitch, relative to a tone at full level in `tone`."""
    time = np.arange(len(mono)) / RATE
    turn = np.exp(-2j * np.pi * 440 * 2 ** ((midi - 69) / 12) * time)
    return float(abs(mono @ turn) / abs(tone(midi, len(mono) / RATE, 1) @ turn))


def test_reversed_polarity_is_heard_as_the_same_in_phase() -> None:
    one = tone(60) + tone(64) + tone(67)
    assert np.array_equal(mono_downmix(sides(one, -one), RATE), mono_downmix(sides(one, one), RATE))
    uneven = mono_downmix(sides(one, -0.8 * one), RATE)
    assert level_at(uneven, 60) == pytest.approx(0.9, abs=0.01)


def test_a_reversed_part_stays_beside_one_that_is_in_phase() -> None:
    middle, reversed_part, left_part = tone(48), tone(67), tone(76)
    mono = mono_downmix(sides(middle + reversed_part + left_part, middle - reversed_part), RATE)
    rest = mono[RATE:]
    assert min(level_at(rest, 48), level_at(rest, 67), level_at(rest, 76)) > 0.25


def test_ordinary_stereo_is_its_plain_mean() -> None:
    random = np.random.default_rng(2)
    hard = sides(tone(60), tone(67))
    noise = random.normal(0, 0.1, (9 * RATE, 2)).astype(np.float32)
    wide = sides(tone(60), tone(60)) + 0.2 * noise
    for samples in (hard, noise, wide, sides(tone(60), tone(60)), tone(60)[:, None]):
        assert np.array_equal(mono_downmix(samples, RATE), samples.mean(axis=1, dtype=np.float64))


@pytest.mark.parametrize("channels", [3, 4, 5, 6, 7, 8])
def test_music_in_any_one_channel_is_heard_and_the_lfe_is_not(channels: int) -> None:
    for channel in range(channels):
        samples = np.zeros((9 * RATE, channels), np.float32)
        samples[:, channel] = tone(60)
        is_lfe = channel == LFE and channels >= 6
        assert (level_at(mono_downmix(samples, RATE), 60) > 0.1) != is_lfe
        stereo = stereo_downmix(samples)
        assert stereo.shape == (9 * RATE, 2)
        assert (float(np.abs(stereo).max()) > 0.04) != is_lfe


def test_reversed_polarity_between_any_two_of_six_channels_is_heard() -> None:
    one = tone(60) + tone(64)
    for first, second in [(0, 1), (0, 2), (4, 5), (1, 4)]:
        samples = np.zeros((len(one), 6), np.float32)
        samples[:, first], samples[:, second] = one, -one
        assert level_at(mono_downmix(samples, RATE), 60) == pytest.approx(0.4, abs=0.01)


def test_the_stereo_downmix_has_the_coefficients_of_bs_775() -> None:
    unit = stereo_downmix(np.eye(6, dtype=np.float32))
    half = 0.5**0.5
    wanted = [[1, 0], [0, 1], [half, half], [0, 0], [half, 0], [0, half]]
    assert np.allclose(unit, wanted, atol=1e-6)


def mixed_up(seconds: float = 14.0) -> np.ndarray:
    """In phase, then reversed for two blocks, then in phase again."""
    one = tone(60, seconds) + tone(65, seconds)
    right = one.copy()
    right[round(BLOCK_SECONDS * RATE) : round(3 * BLOCK_SECONDS * RATE)] *= -1
    return sides(one, right)


@given(st.lists(st.integers(0, 90_000), min_size=1, max_size=8))
@settings(max_examples=20, deadline=None)
def test_the_sizes_of_the_pieces_do_not_matter(sizes: list[int]) -> None:
    samples = mixed_up()
    stream, start, done = MonoDownmix(RATE, 2), 0, []
    for size in sizes:
        done.append(stream.add(samples[start : start + size]))
        start += size
    done += [stream.add(samples[start:]), stream.finish()]
    assert np.array_equal(np.concatenate(done), mono_downmix(samples, RATE))


@given(st.integers(0, 14 * RATE), st.integers(0, 8 * RATE))
@settings(max_examples=20, deadline=None)
def test_any_place_reads_as_the_whole_does(offset: int, frames: int) -> None:
    samples = mixed_up()
    reader = DownmixReader(MemoryInput(samples), RATE)
    wanted = mono_downmix(samples, RATE)[offset : offset + frames]
    assert np.allclose(reader.read(offset, frames), wanted, atol=1e-12)


def test_gains_move_over_without_a_jump_and_a_change_is_followed() -> None:
    samples = mixed_up()
    mono = mono_downmix(samples, RATE)
    block = round(BLOCK_SECONDS * RATE)
    assert level_at(mono[2 * block - RATE : 2 * block], 60) > 0.9
    assert level_at(mono[3 * block : 3 * block + RATE], 60) > 0.9
    steepest = np.abs(np.diff(samples[: 4 * RATE, 0])).max()
    assert np.abs(np.diff(mono[block - 200 : block + 2_000])).max() <= steepest * 1.01


def test_the_stereo_of_a_reader_adds_up() -> None:
    one = tone(60)
    opposed = DownmixReader(MemoryInput(sides(one, -one)), RATE).read_stereo(100, 9_000)
    assert np.array_equal(opposed, sides(one, one)[100:9_100])
    plain = sides(tone(60), tone(64))
    assert np.array_equal(DownmixReader(MemoryInput(plain), RATE).read_stereo(5, 9_000), plain[5:9_005])
