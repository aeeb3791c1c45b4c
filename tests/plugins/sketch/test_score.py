"""The audio against the score, heard by librosa, mir_eval and scipy.

tests/measure/sketch_score.py is the long form.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.material.sketch_bands import band, mix_of, mono, played, when
from tests.metrics import sketch_audio as measure
from tests.metrics.sketch_scores import keys, onset_errors, struck_ms


def test_the_detector_is_right_on_clicks() -> None:
    assert measure.click_spread_ms() < 0.25


@pytest.mark.parametrize("genre", ["rock", "jazz", "funk", "blues", "bossa_nova"])
def test_drums_are_heard_where_the_score_says(genre: str) -> None:
    late, wanted = onset_errors(genre, (1,))
    assert wanted >= 4
    assert len(late) >= 0.9 * wanted
    assert np.percentile(np.abs(late), 90) < 1.0, late


@pytest.mark.parametrize(
    ("kit", "drum"), [("dusty", "snare"), ("trap", "kick"), ("nine", "hat"), ("jazz", "ride")]
)
def test_a_drum_that_is_struck_alone_is_heard_at_once(kit: str, drum: str) -> None:
    assert np.abs(struck_ms(kit, drum, (106,))).max() < 1.0


def test_a_swung_pattern_is_heard_where_it_is_not_straight() -> None:
    drums = band("lofi", 2).stem("drums")
    quarter = 60 / 80 * measure.RATE
    off = [note.start for note in drums.notes if 0.1 < (note.start / quarter) % 0.5 < 0.4]
    assert off, "sixteenths between the eighths are played"
    late, wanted = measure.late_ms(mono(drums), drums.notes)
    assert np.median(np.abs((np.array(off) / quarter) % 0.5 - 0.25)) > 0.02, "and they swing"
    assert wanted
    assert np.median(np.abs(late)) < 1.0


@pytest.mark.parametrize(
    ("prompt", "most_ms"),
    [("jazz piano melody", 2.0), ("funk slap bass", 3.0), ("vibraphone", 1.5), ("synth bass house", 2.0)],
)
def test_notes_begin_to_rise_where_the_score_says(prompt: str, most_ms: float) -> None:
    (stem,) = played(prompt, when(12, 96), 4).stems
    late = measure.attacks_ms(mono(stem), stem.notes)
    assert len(late) >= 3
    assert np.abs(late).max() < most_ms


@pytest.mark.parametrize("prompt", ["pop piano", "strings", "upright bass", "rock organ"])
def test_librosa_hears_the_pitch_classes_of_the_score(prompt: str) -> None:
    (stem,) = played(prompt, when(12, 120), 7).stems
    assert np.mean(measure.heard_classes(mono(stem), stem.notes, measure.RATE)) > 0.9


def test_librosa_hears_the_key_of_pieces_that_cadence_with_the_drums_in_them() -> None:
    rows = keys((1,), ("minor",))
    assert np.mean([score for *_, score in rows]) >= 0.8, rows


@pytest.mark.parametrize("genre", ["ambient", "metal", "hip_hop", "classical"])
def test_a_mix_is_at_its_level_by_other_measures_too(genre: str) -> None:
    mix = mix_of(band(genre, 1, 20.0))
    assert measure.loudness_lufs(mix) == pytest.approx(-16, abs=1.0)
    assert measure.true_peak_dbtp(mix) <= -1.0
    assert np.abs(mix.mean(axis=0)).max() < 1e-3
    middle = np.repeat(mix.mean(axis=1, keepdims=True), 2, axis=1)
    assert measure.loudness_lufs(middle) > measure.loudness_lufs(mix) - 3


@pytest.mark.parametrize("prompt", ["upright bass", "nylon guitar", "warm pad", "flute"])
def test_nothing_clicks_between_notes(prompt: str) -> None:
    (stem,) = played(prompt, when(8, 100), 3).stems
    assert measure.steepest(mono(stem), stem.notes) < 12


def test_a_click_would_be_found() -> None:
    (stem,) = played("upright bass", when(4, 100), 3).stems
    audio = mono(stem).copy()
    place = next(at for at in range(9_600, len(audio)) if all(abs(n.start - at) > 400 for n in stem.notes))
    audio[place] += 0.05
    assert measure.steepest(audio, stem.notes) > 12
