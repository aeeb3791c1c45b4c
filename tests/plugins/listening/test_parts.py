"""The parts of `listening` on their own: tempo maps, means, and the pieces that audio comes in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_plugins._listening import MusicAnalyser
from bandmate_plugins._listening.features import means_between
from bandmate_plugins._listening.sections import find_sections
from bandmate_plugins._listening.tempo import even_beats, split_stretches
from tests.plugins.analyse.conftest import band


@given(
    bpm=st.floats(45, 240),
    count=st.integers(4, 400),
    seed=st.integers(0, 100),
    start=st.floats(0, 3),
)
def test_even_beats_are_one_stretch(bpm: float, count: int, seed: int, start: float) -> None:
    truth = start + np.arange(count) * 60 / bpm
    jitter = np.random.default_rng(seed).uniform(-0.006, 0.006, count)
    found = split_stretches(truth + jitter, set(range(0, count, 4)))
    assert len(found) == 1
    assert np.max(np.abs(even_beats(truth + jitter, found) - truth)) < 0.015


@given(first=st.floats(60, 180), ratio=st.floats(1.08, 1.5), bars=st.integers(4, 30))
def test_a_change_of_tempo_is_found_at_its_barline(first: float, ratio: float, bars: int) -> None:
    count = 4 * bars
    spans = np.concatenate((np.full(count, 60 / first), np.full(count, 60 / first / ratio)))
    truth = np.concatenate(([0.0], np.cumsum(spans)))
    found = split_stretches(truth, set(range(0, len(truth), 4)))
    assert np.max(np.abs(even_beats(truth, found) - truth)) < 0.08
    assert 60 / found[0].period == pytest.approx(first, rel=0.02)
    assert 60 / found[-1].period == pytest.approx(first * ratio, rel=0.02)


@given(st.lists(st.floats(0.01, 0.9), min_size=1, max_size=20), st.integers(0, 30))
def test_means_are_those_of_the_rows_between(steps: list[float], rows: int) -> None:
    values = np.arange(rows, dtype=np.float64)[:, np.newaxis]
    edges = np.cumsum(steps)
    found = means_between(values, 10.0, edges)
    assert found.shape == (len(edges), 1)
    if rows:
        places = np.clip(np.round(edges * 10), 0, rows - 1).astype(int)
        assert found[-1, 0] == pytest.approx(values[places[-1] :].mean())


@settings(max_examples=5)
@given(st.lists(st.integers(1, 90_000), min_size=1, max_size=12))
def test_the_size_of_the_pieces_does_not_matter(sizes: list[int]) -> None:
    samples = band(22_050, bars=4)[0][:, np.newaxis]
    whole, pieces = MusicAnalyser(22_050, 1, len(samples)), MusicAnalyser(22_050, 1, len(samples))
    whole.add(samples)
    at = 0
    for size in [*sizes, len(samples)]:
        pieces.add(samples[at : at + size])
        at += size
    one, other = whole.finish_analysis(lambda: None), pieces.finish_analysis(lambda: None)
    assert one.beats == pytest.approx(other.beats)
    assert [chord.symbol for chord in one.chords] == [chord.symbol for chord in other.chords]
    assert one.levels == other.levels


def test_sections_that_come_again_get_the_same_letter() -> None:
    random = np.random.default_rng(2)
    kinds = {name: random.uniform(0, 1, 24) for name in "AB"}
    rows = np.array([kinds[name] for name in "AAAAAAAABBBBBBBBAAAAAAAA"])
    rows += random.uniform(0, 0.02, rows.shape)
    found = find_sections(rows, np.zeros((len(rows), 32)))
    assert [(part.first, part.last, part.label) for part in found] == [
        (0, 8, "A"),
        (8, 16, "B"),
        (16, 24, "A"),
    ]


@pytest.mark.parametrize("silence", [0.0, 6.0, 20.0])
def test_silence_after_music_does_not_change_its_beats(silence: float) -> None:
    rate = 22_050
    samples = np.concatenate((band(rate, bars=8)[0], np.zeros(round(silence * rate), np.float32)))
    ear = MusicAnalyser(rate, 1, len(samples))
    ear.add(samples[:, np.newaxis])
    heard = ear.finish_analysis(lambda: None)
    assert 60 / float(np.median(np.diff(heard.beats))) == pytest.approx(120, rel=0.02)
