"""The meter against the recommendation's own numbers and against a slow model."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from bandmate_plugins._listening.loudness import LoudnessMeter, k_weighting

RATES = [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000, 384_000]


def sine(rate: int, seconds: float, frequency: float, level_db: float, phase: float = 0.0) -> np.ndarray:
    time = np.arange(round(rate * seconds)) / rate
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * time + phase)


def metered(rate: int, samples: np.ndarray) -> LoudnessMeter:
    meter = LoudnessMeter(rate, samples.shape[1])
    meter.add(samples.astype(np.float32))
    return meter


def lufs(rate: int, samples: np.ndarray) -> float:
    value = metered(rate, samples).integrated_lufs()
    assert value is not None
    return value


def test_the_filters_at_48_khz_are_those_of_the_recommendation() -> None:
    given_shelf = [
        1.53512485958697,
        -2.69169618940638,
        1.19839281085285,
        1,
        -1.69065929318241,
        0.73248077421585,
    ]
    given_pass = [1.0, -2.0, 1.0, 1, -1.99004745483398, 0.99007225036621]
    assert np.allclose(k_weighting(48_000), [given_shelf, given_pass], atol=1e-8)


@pytest.mark.parametrize("rate", RATES)
def test_a_sine_of_997_hz_at_full_scale_in_one_channel_reads_minus_3_01(rate: int) -> None:
    one = sine(rate, 4.0, 997.0, 0.0)
    assert lufs(rate, np.stack([one, np.zeros_like(one)], axis=1)) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([(-23.0, 20)], -23.0),
        ([(-33.0, 20)], -33.0),
        ([(-36.0, 10), (-23.0, 60), (-36.0, 10)], -23.0),
        ([(-72.0, 10), (-36.0, 10), (-23.0, 60), (-36.0, 10), (-72.0, 10)], -23.0),
        ([(-26.0, 20), (-20.0, 20.1), (-26.0, 20)], -23.0),
    ],
)
def test_the_cases_of_ebu_tech_3341(rate: int, levels: list[tuple[float, float]], expected: float) -> None:
    one = np.concatenate([sine(rate, seconds, 1_000.0, level) for level, seconds in levels])
    assert lufs(rate, np.stack([one, one], axis=1)) == pytest.approx(expected, abs=0.1)


def test_the_surround_channels_weigh_more_and_the_lfe_nothing() -> None:
    one = sine(48_000, 3.0, 997.0, -20.0)
    silent = np.zeros_like(one)
    surround = lufs(48_000, np.stack([silent] * 4 + [one, silent], axis=1))
    front = lufs(48_000, np.stack([one] + [silent] * 5, axis=1))
    assert surround - front == pytest.approx(10 * math.log10(1.41), abs=0.01)
    assert metered(48_000, np.stack([silent] * 3 + [one] + [silent] * 2, axis=1)).integrated_lufs() is None


QUAD = [1.0, 1.0, 1.41, 1.41]
SIX_ONE = [1.0, 1.0, 1.0, 0.0, 1.0, 1.41, 1.41]
SEVEN_ONE = [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.41, 1.41]
"""L R C LFE, then the rear pair at 135 degrees, then the sides at 90: the order of a WAVE file."""


def worked_out(samples: np.ndarray, weights: list[float]) -> float:
    """The recommendation step by step at 48 kHz, with the coefficients of its tables 1 and 2."""
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0], [1, -1.99004745483398, 0.99007225036621]
    filtered = lfilter(*high_pass, lfilter(*shelf, samples, axis=0), axis=0)
    blocks = [filtered[at : at + 19_200] for at in range(0, len(filtered) - 19_199, 4_800)]
    powers = [sum(w * np.mean(block[:, c] ** 2) for c, w in enumerate(weights)) for block in blocks]
    loud = [power for power in powers if -0.691 + 10 * math.log10(power + 1e-20) > -70]
    gate = -0.691 + 10 * math.log10(np.mean(loud)) - 10
    kept = [power for power in loud if -0.691 + 10 * math.log10(power) > gate]
    return float(-0.691 + 10 * math.log10(np.mean(kept)))


@pytest.mark.parametrize("weights", [QUAD, SIX_ONE, SEVEN_ONE], ids=["quad", "6.1", "7.1"])
def test_surround_layouts_are_weighted_by_where_their_speakers_stand(weights: list[float]) -> None:
    rng = np.random.default_rng(8)
    whole = rng.normal(0, 1, (4 * 48_000, len(weights))) * rng.uniform(0.02, 0.1, len(weights))
    whole[96_000:144_000] *= 0.01
    assert lufs(48_000, whole) == pytest.approx(worked_out(whole, weights), abs=0.01)
    for channel, weight in enumerate(weights):
        alone = np.zeros_like(whole)
        alone[:, channel] = whole[:, channel]
        if weight:
            assert lufs(48_000, alone) == pytest.approx(worked_out(alone, weights), abs=0.01)
        else:
            assert metered(48_000, alone).integrated_lufs() is None


def test_silence_and_short_audio_have_no_loudness() -> None:
    assert metered(48_000, np.zeros((96_000, 2))).integrated_lufs() is None
    assert metered(48_000, np.zeros((96_000, 2))).true_peak_dbtp() is None
    short = sine(48_000, 0.39, 997.0, -6.0)[:, None]
    assert metered(48_000, short).integrated_lufs() is None
    assert metered(48_000, short).true_peak_dbtp() == pytest.approx(-6.0, abs=0.1)
    empty = LoudnessMeter(48_000, 2)
    empty.add(np.zeros((0, 2), dtype=np.float32))
    assert empty.integrated_lufs() is None


@pytest.mark.parametrize(("rate", "most"), [(44_100, 0.45), (48_000, 0.45), (96_000, 0.4), (8_000, 0.45)])
def test_the_peak_between_samples_is_found(rate: int, most: float) -> None:
    for part, phase in [(0.25, math.pi / 4), (1 / 6, math.pi / 3), (0.11, 0.4), (most - 0.05, 0.2)]:
        tone = sine(rate, 0.5, rate * part, -6.0, phase)[:, None]
        tone = tone * np.hanning(len(tone))[:, None] ** 0.25  # a sudden start has peaks of its own
        assert metered(rate, tone).true_peak_dbtp() == pytest.approx(-6.0, abs=0.25)


@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=12), st.sampled_from([8_000, 11_025, 44_100]))
@settings(max_examples=25, deadline=None)
def test_the_sizes_of_the_pieces_do_not_matter(sizes: list[int], rate: int) -> None:
    noise = np.random.default_rng(3).normal(0, 0.2, (sum(sizes), 2)).astype(np.float32)
    whole, pieces = LoudnessMeter(rate, 2), LoudnessMeter(rate, 2)
    whole.add(noise)
    start = 0
    for size in sizes:
        pieces.add(noise[start : start + size])
        start += size
    first, second = whole.integrated_lufs(), pieces.integrated_lufs()
    assert (first is None) == (second is None)
    assert first is None or first == pytest.approx(second, abs=1e-9)
    # Peaks are sought in float32, whose matrix products round by the block's size.
    assert whole.true_peak_dbtp() == pytest.approx(pieces.true_peak_dbtp(), abs=1e-5)


def test_quiet_stretches_that_are_skipped_change_no_peak() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 0.1, (60_000, 1)) * np.linspace(2, 0.1, 60_000)[:, None]
    forwards = metered(48_000, noise).true_peak_dbtp()
    backwards = metered(48_000, noise[::-1]).true_peak_dbtp()
    assert forwards == pytest.approx(backwards, abs=0.02)
