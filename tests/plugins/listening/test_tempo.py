"""The tempo by ear: one where it is constant, others only where it moves, and none of silence."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.material.attack_trains import attack_train
from tests.plugins.listening.songs import RATE, hear, metronome, pluck, silence, song, stroke, train


def followed(beats: NDArray[np.float64], truth: NDArray[np.float64], within: float = 0.04) -> float:
    """The share of the true beats that were found."""
    return float(np.mean([np.abs(beats - at).min() < within for at in truth]))


@pytest.mark.parametrize(("bpm", "block"), [(95.0, 6), (120.0, 4), (135.0, 4), (150.0, 6)])
def test_a_constant_song_has_one_tempo_however_it_is_syncopated(bpm: float, block: int) -> None:
    samples, truth = song(lambda _: bpm, 18, block)
    heard = hear(samples)
    assert [change.bpm for change in heard.tempo] == [pytest.approx(bpm, rel=5e-4)]
    assert followed(heard.beats, truth) == 1.0
    assert len(heard.beats) <= len(truth) + 2
    assert heard.is_steady


def test_a_step_is_found_where_it_is_and_nothing_else() -> None:
    samples, truth = song(lambda beat: 100.0 if beat < 48 else 110.0, 24, 4)
    heard = hear(samples)
    assert [change.bpm for change in heard.tempo] == [
        pytest.approx(100, rel=1e-3),
        pytest.approx(110, rel=1e-3),
    ]
    assert heard.tempo[1].seconds == pytest.approx(truth[48], abs=0.02)
    assert followed(heard.beats, truth) > 0.97
    assert not heard.is_steady


def test_a_ramp_is_followed() -> None:
    samples, truth = song(lambda beat: 100.0 + 20.0 * min(max((beat - 24) / 48, 0.0), 1.0), 24)
    heard = hear(samples)
    assert followed(heard.beats, truth, within=0.07) > 0.95
    assert heard.tempo[0].bpm == pytest.approx(100, rel=0.01)
    assert heard.tempo[-1].bpm == pytest.approx(120, rel=0.01)
    assert not heard.is_steady


def test_rubato_is_followed() -> None:
    samples, truth = song(lambda beat: 100.0 * (1 + 0.06 * np.sin(beat / 5)), 16)
    heard = hear(samples)
    assert followed(heard.beats, truth, within=0.07) > 0.95
    assert not heard.is_steady


@pytest.mark.parametrize("place", ["before", "behind", "inside"])
def test_silence_has_no_tempo_of_its_own(place: str) -> None:
    samples, truth = song(lambda _: 100.0, 12)
    half = round(14.4 * RATE)
    parts = {
        "before": (silence(10.0), samples),
        "behind": (samples, silence(10.0)),
        "inside": (samples[:half], silence(9.6), samples[half:]),
    }
    heard = hear(np.concatenate(parts[place]))
    first = 10.0 if place == "before" else 0.0
    last = first + truth[-1] + (9.6 if place == "inside" else 0.0)
    assert [change.bpm for change in heard.tempo] == [pytest.approx(100, rel=1e-3)]
    assert heard.beats[0] == pytest.approx(first, abs=0.005)
    assert heard.downbeats[0] == pytest.approx(first, abs=0.005)
    assert heard.beats[-1] < last + 1.3


@pytest.mark.parametrize("kind", ["click", "kick", "snare", "hat", "string"])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_beats_lie_on_their_attacks(kind: str, rate: int) -> None:
    random = np.random.default_rng(5)
    sound = 2 * pluck(220.0, 0.4, rate) if kind == "string" else stroke(kind, random, rate)
    errors = []
    for start in (0.3, 0.3043):
        heard = hear(train(sound, 110.0, start, 20.0, rate), rate)
        errors += [(beat - start + 0.25) % (30 / 110) - 0.25 for beat in heard.beats.tolist()]
    assert abs(float(np.mean(errors))) < 0.001
    assert float(np.std(errors)) < 0.0005


@pytest.mark.parametrize("bed", [0.0, 0.05], ids=["alone", "over a held chord"])
@pytest.mark.parametrize("kind", ["click", "kick", "deep kick", "snare", "hat", "piano", "guitar"])
def test_beats_lie_on_their_attacks_over_other_music(kind: str, bed: float) -> None:
    errors = []
    for start in (0.3, 0.3043):
        heard = hear(attack_train(kind, 112.0, start, bed), 44_100)
        errors += [(beat - start + 0.13) % (30 / 112) - 0.13 for beat in heard.beats.tolist()]
    assert abs(float(np.mean(errors))) < 0.001


@pytest.mark.parametrize("bpm", [60.0, 90.0, 112.0, 140.0])
def test_the_accents_of_a_metronome_are_its_bars(bpm: float) -> None:
    heard = hear(metronome(bpm, 4))
    assert (heard.numerator, heard.denominator) == (4, 4)
    assert heard.tempo[0].bpm == pytest.approx(bpm, rel=1e-3)
    assert heard.downbeats[:3] == pytest.approx(240 / bpm * np.arange(3), abs=0.005)


def test_a_metronome_in_three_and_one_without_accents() -> None:
    three, none = hear(metronome(120.0, 3)), hear(metronome(120.0, 1))
    assert (three.numerator, three.denominator) == (3, 4)
    assert len(none.beats) > 50
    assert len(none.downbeats) == 0
