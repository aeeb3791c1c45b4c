"""Music is measured against its grid; where that cannot be done, it is not guessed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate_plugins._listening.features import FeatureExtractor
from bandmate_plugins._timing.grid_deviation import GridDeviation, measure_grid
from bandmate_protocol.tempo import TempoMap
from tests.material.detuned import RATE, detuned_music, plain_map


def measured(samples: NDArray[np.float32], told: TempoMap, end: int) -> GridDeviation:
    features = FeatureExtractor(RATE, samples.shape[1])
    features.add(samples)
    return measure_grid(features.finish(), told, 0, end)


def clicks(at: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
    samples = np.zeros((round(seconds * RATE), 2), np.float32)
    burst = np.random.default_rng(1).standard_normal((400, 1)) * np.exp(-np.arange(400)[:, None] / 80)
    for second in at:
        start = round(second * RATE)
        if start < len(samples) - 400:
            samples[start : start + 400] += 0.3 * burst
    return samples


@pytest.mark.parametrize("detuning", [-0.04, -0.01, 0.0, 0.02, 0.04])
def test_clicks_at_another_tempo_are_found_to_two_milliseconds(detuning: float) -> None:
    played = np.arange(0, 40, 0.5) / (1 + detuning)
    found = measured(clicks(played, 18.0), plain_map(120), 16 * RATE)
    assert found.is_sure
    right = found.path.edges / (1 + detuning) - found.path.edges
    np.testing.assert_allclose(found.path.late, right, atol=0.002 * RATE)
    assert found.drift_ms_per_bar == pytest.approx(2_000 / (1 + detuning) - 2_000, abs=0.3)


@pytest.mark.parametrize(
    ("prompt", "told", "detuning"),
    [
        ("rock band", plain_map(93, "7/8"), -0.035),
        ("funk band", plain_map(104, ramp=1.2), 0.02),
        ("slow jazz trio", plain_map(84, "3/4"), 0.03),
        ("solo piano", plain_map(76, "5/4"), -0.02),
    ],
)
def test_bands_are_measured_in_any_metre_on_ramps_and_swinging(
    prompt: str, told: TempoMap, detuning: float
) -> None:
    music = detuned_music(prompt, told, 8, detuning, seed=4)
    found = measured(music.mix, told, music.end)
    assert found.is_sure
    right = np.array([music.played_at(edge) - edge for edge in found.path.edges])
    assert np.abs(found.path.late - right).max() < 0.008 * RATE


def test_a_drift_is_followed_bar_by_bar() -> None:
    shares = np.array([0.0, 0.005, 0.01, 0.015, 0.02, 0.015, 0.01, 0.0, -0.005, -0.01])
    music = detuned_music("rock band", plain_map(110), 8, shares, seed=2)
    found = measured(music.mix, music.told, music.end)
    right = np.array([music.played_at(edge) - edge for edge in found.path.edges])
    assert np.abs(found.path.late - right)[:-1].max() < 0.006 * RATE
    assert found.is_off


@pytest.mark.parametrize("heard", [97.0, 141.0])
def test_music_at_quite_another_tempo_is_not_taken_for_detuned(heard: float) -> None:
    music = detuned_music("rock band", plain_map(120), 8, 0.0, seed=3)
    assert not measured(music.mix, plain_map(heard), music.end).is_sure


def test_what_has_no_beat_is_not_measured() -> None:
    random = np.random.default_rng(2)
    noise = (0.1 * random.standard_normal((12 * RATE, 2))).astype(np.float32)
    for samples in (noise, np.zeros_like(noise), clicks(np.sort(random.uniform(0, 11.9, 60)), 12.0)):
        found = measured(samples, plain_map(120), 12 * RATE)
        assert not found.is_sure
        assert found.report == {"clear": False}


def test_what_lies_on_the_grid_is_left_alone() -> None:
    music = detuned_music("disco", plain_map(118), 8, 0.0, seed=5)
    found = measured(music.mix, music.told, music.end)
    assert found.is_sure
    assert not found.is_off
    assert abs(found.drift_ms_per_bar) < 1.0
