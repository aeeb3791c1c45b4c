"""Chords read from pitch classes by beat, where the fitted shapes alone err on recordings."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._listening.chords import chord_symbol, detect_chords
from bandmate_plugins._listening.key import detect_key
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.pitch_names import PITCH_NAMES

BEATS_PER_CHORD = 4
DOWNBEATS = np.arange(0, 200, BEATS_PER_CHORD)


def beats_of(roots: list[int], tones: dict[int, float], floor: float) -> tuple[FloatArray64, FloatArray64]:
    """Treble and bass of chords that have tones of some strength above their root, over a floor of all."""
    shape = np.full(12, floor)
    for tone, strength in tones.items():
        shape[tone] += strength
    low = np.full(12, floor / 2)
    low[0] += 1.0
    treble, bass = (np.array([np.roll(part, root) for root in roots]) for part in (shape, low))
    return np.repeat(treble, BEATS_PER_CHORD, axis=0), np.repeat(bass, BEATS_PER_CHORD, axis=0)


def symbols_of(states: list[int]) -> list[str]:
    return [chord_symbol(state) for state in states[::BEATS_PER_CHORD]]


def test_music_in_all_keys_has_chords_though_its_pitch_classes_are_even() -> None:
    roots = [7 * step % 12 for step in range(12)]
    treble, bass = beats_of(roots, {0: 1.0, 4: 0.8, 7: 0.8}, 0.3)
    assert symbols_of(detect_chords(treble, bass, DOWNBEATS)) == [PITCH_NAMES[root] for root in roots]
    assert detect_key(treble, bass, []) is not None


def test_noise_has_no_chords_and_no_key() -> None:
    random = np.random.default_rng(1)
    treble, bass = (random.uniform(0.6, 1.4, (200, 12)) for _ in range(2))
    assert set(symbols_of(detect_chords(treble, bass, DOWNBEATS))) == {"N"}
    assert detect_key(treble, bass, []) is None


def test_a_triad_with_a_weak_third_is_not_suspended() -> None:
    treble, bass = beats_of([0, 5, 7, 0], {0: 1.0, 4: 0.5, 5: 0.8, 7: 0.5}, 0.1)
    found = symbols_of(detect_chords(treble, bass, DOWNBEATS, Key(0)))
    assert found == ["C", "F", "G", "C"]


def test_a_suspended_chord_is_one_where_the_fourth_takes_the_place_of_the_third() -> None:
    treble, bass = beats_of([0, 5, 7, 0], {0: 1.0, 5: 0.9, 7: 0.9}, 0.1)
    found = symbols_of(detect_chords(treble, bass, DOWNBEATS, Key(0)))
    assert found[2] == "Gsus4"
