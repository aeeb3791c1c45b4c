"""Drums tuned to the key: heard in their sound, and no two of a kit on one pitch."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.patches import DrumPatch
from bandmate_plugins._engines.sketch.players.drum_tuning import tune_kit
from bandmate_plugins._engines.sketch.sound.percussion import render_hit
from bandmate_plugins._theory.keys import Key

RATE = 48_000
KEYS = [Key(tonic, mode) for tonic in range(12) for mode in ("major", "minor")]


def heard_pitch(drum: DrumPatch) -> float:
    """The MIDI note that a drum settles on, from the strongest line of its sound after the stroke."""
    samples = render_hit(drum, RATE, 0.8, 0)[round(0.06 * RATE) : round(0.3 * RATE), 0]
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 2**18))
    hertz = np.fft.rfftfreq(2**18, 1 / RATE)
    power[hertz < 30] = 0
    return float(69 + 12 * np.log2(hertz[np.argmax(power)] / 440))


@pytest.mark.parametrize("kit", ["studio", "rock", "eight", "nine", "trap"])
def test_a_kick_sounds_the_tonic_or_the_fifth(kit: str) -> None:
    for key in KEYS:
        drums = tune_kit(library.kits()[kit], key).drums
        pitch = heard_pitch(drums["kick"])
        off = min(abs((pitch - key.tonic - step + 6) % 12 - 6) for step in (0, 7))
        assert off < 0.8, (key, pitch)
        assert abs(pitch - heard_pitch(library.kits()[kit].drums["kick"])) < 5


def test_toms_sound_tones_of_the_tonics_triad_and_stay_apart() -> None:
    for key in KEYS:
        drums = tune_kit(library.kits()["studio"], key).drums
        pitches = {name: heard_pitch(drums[name]) for name in ("high_tom", "mid_tom", "low_tom", "conga")}
        triad = [key.tonic, key.tonic + (3 if key.is_minor else 4), key.tonic + 7]
        for name, pitch in pitches.items():
            assert min(abs((pitch - tone + 6) % 12 - 6) for tone in triad) < 0.8, (key, name, pitch)
        assert all(abs(first - second) > 2 for first, second in combinations(pitches.values(), 2))


def test_cymbals_bells_and_wood_stay_as_they_are() -> None:
    plain, made = library.kits()["studio"].drums, tune_kit(library.kits()["studio"], Key(6, "minor")).drums
    for name in ("ride", "hat", "crash", "bell", "cowbell", "clave", "clap", "shaker"):
        assert made[name] == plain[name]


@pytest.mark.parametrize("cents", [-40, 25, 50])
def test_skins_follow_the_tuning_of_a_recording(cents: int) -> None:
    kit = library.kits()["studio"]
    for key in KEYS[::5]:
        there, plain = tune_kit(kit, key, cents).drums, tune_kit(kit, key).drums
        for name in ("kick", "low_tom", "conga"):
            off = 12 * np.log2(there[name].hz / plain[name].hz) - cents / 100
            # It may be nearer to another tone of the key now.
            assert off == pytest.approx(round(off), abs=1e-6), (key, name)
            heard = heard_pitch(there[name]) - heard_pitch(plain[name])
            assert heard == pytest.approx(off + cents / 100, abs=0.15), (key, name)
