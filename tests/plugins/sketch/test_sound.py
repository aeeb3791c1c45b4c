"""Instruments and drums by themselves: in tune, clean, and no two alike."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import signal

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.sound.percussion import render_hit
from bandmate_plugins._engines.sketch.sound.voices import render_body

RATE = 48_000
INSTRUMENTS = sorted(library.instruments())
DRUMS = [(kit, drum) for kit, one in sorted(library.kits().items()) for drum in sorted(one.drums)]


def note(name: str, pitch: int, seconds: float = 0.9, velocity: float = 0.8, rate: int = RATE) -> np.ndarray:
    return render_body(library.instruments()[name].sound, rate, pitch, velocity, round(seconds * rate), 0)


def middle(name: str) -> int:
    instrument = library.instruments()[name]
    return (instrument.low + instrument.high) // 2


def fingerprint(samples: np.ndarray) -> np.ndarray:
    """Levels in dB of bands, early and late, and how the level moves: what an ear compares."""
    mono = samples.mean(axis=1)
    mono = mono / np.sqrt(np.mean(mono**2))
    parts = [mono[: RATE // 16], mono[RATE // 4 : RATE // 2]]
    edges = np.geomspace(60, 16_000, 25)
    rows = []
    for part in parts:
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        hertz = np.fft.rfftfreq(len(part), 1 / RATE)
        rows += [power[(hertz >= low) & (hertz < high)].sum() for low, high in pairwise(edges)]
    rows += [np.mean(block**2) * 3_000 for block in np.array_split(mono[: RATE // 2], 12)]
    return 10 * np.log10(np.array(rows) + 1e-3)


def test_no_two_instruments_sound_alike() -> None:
    prints = {name: fingerprint(note(name, 52)) for name in INSTRUMENTS}
    apart = {
        (first, second): float(np.sqrt(np.mean((prints[first] - prints[second]) ** 2)))
        for first, second in combinations(INSTRUMENTS, 2)
    }
    nearest = min(apart, key=lambda pair: apart[pair])
    assert apart[nearest] > 3.0, (nearest, apart[nearest])


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_instrument_is_in_tune_over_its_range(name: str) -> None:
    instrument = library.instruments()[name]
    for pitch in (instrument.low, middle(name), instrument.high):
        samples = note(name, pitch, 1.2).mean(axis=1)[RATE // 10 :]
        wanted = 440 * 2 ** ((pitch - 69) / 12)
        cents = 1200 * np.log2(measured_hertz(samples, wanted) / wanted)
        moves = getattr(instrument.sound, "detune_cents", 0.0) + instrument.sound.vibrato_cents / 2
        assert abs(cents) < 6 + moves, (pitch, cents)


def measured_hertz(samples: np.ndarray, near: float) -> float:
    """The fundamental, from the strongest of the first partials near where one could be."""
    size = 2**18
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    best, found = 0.0, near
    for partial in (1, 2, 3):
        around = np.flatnonzero((hertz > near * partial * 0.94) & (hertz < near * partial * 1.06))
        peak = around[np.argmax(power[around])]
        if power[peak] > 2 * best:
            best, found = power[peak], hertz[peak] / partial
    return found


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_note_is_clean(name: str) -> None:
    soft, loud = note(name, middle(name), velocity=0.3), note(name, middle(name), velocity=1.0)
    for samples in (soft, loud):
        assert np.isfinite(samples).all()
        assert np.abs(samples[0]).max() < 0.01 * np.abs(samples).max()
        assert np.abs(samples.mean(axis=0)).max() < 0.02 * np.abs(samples).max()
    assert centre_hertz(loud) > 0.95 * centre_hertz(soft), "louder is not duller"


def centre_hertz(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples[:, 0])) ** 2
    return float(np.sum(power * np.fft.rfftfreq(len(samples), 1 / RATE)) / np.sum(power))


@pytest.mark.parametrize("name", INSTRUMENTS)
@pytest.mark.parametrize("rate", [8_000, 22_050, 192_000])
def test_a_note_at_other_rates(name: str, rate: int) -> None:
    instrument = library.instruments()[name]
    for pitch in (instrument.low, instrument.high, 127):
        samples = note(name, pitch, 0.2, rate=rate)
        assert np.isfinite(samples).all()
        assert 0 < np.abs(samples).max() < 20
    there, here = (np.mean(note(name, instrument.low, 0.5, rate=r) ** 2) for r in (rate, RATE))
    assert abs(10 * np.log10(there / here)) < (6 if rate < 20_000 else 2)


def test_high_notes_do_not_alias() -> None:
    for name in ("supersaw", "square_lead", "synth_lead", "electric_piano", "bells"):
        samples = note(name, 96, 1.0).mean(axis=1)[RATE // 4 :]
        power = np.abs(np.fft.rfft(samples * np.blackman(len(samples)))) ** 2
        hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
        below = power[hertz < 440 * 2 ** ((96 - 69) / 12) * 0.9].sum()
        assert 10 * np.log10(below / power.sum()) < -45, name


@pytest.mark.parametrize(("kit", "drum"), DRUMS)
def test_a_hit_is_clean(kit: str, drum: str) -> None:
    for rate in (8_000, RATE):
        samples = render_hit(library.kits()[kit].drums[drum], rate, 0.8, 1)[:, 0]
        assert np.isfinite(samples).all()
        assert samples[0] == 0
        assert samples[-1] == 0
        assert np.abs(samples).max() < 4
    assert abs(samples.mean()) < 0.02 * np.abs(samples).max()


def test_no_two_drums_of_a_kit_sound_alike() -> None:
    for kit, one in library.kits().items():
        prints = {}
        for name, drum in one.drums.items():
            samples = np.zeros((RATE, 1), dtype=np.float32)
            made = render_hit(drum, RATE, 0.8, 1)[:RATE]
            samples[: len(made)] = made
            prints[name] = fingerprint(samples)
        for first, second in combinations(prints, 2):
            # A brush kit's snare is struck with the brush.
            if kit == "brush" and {first, second} == {"snare", "brush"}:
                continue
            assert np.sqrt(np.mean((prints[first] - prints[second]) ** 2)) > 1.5, (kit, first, second)


def test_repeated_hits_differ_a_little() -> None:
    snare = library.kits()["studio"].drums["snare"]
    first, second = render_hit(snare, RATE, 0.8, 0)[:, 0], render_hit(snare, RATE, 0.8, 1)[:, 0]
    assert not np.array_equal(first, second)
    assert abs(10 * np.log10(np.sum(first**2) / np.sum(second**2))) < 2


def test_a_plucked_string_dies_as_long_as_its_file_says() -> None:
    ring = library.instruments()["acoustic_guitar"].sound.ring
    samples = note("acoustic_guitar", 60, ring).mean(axis=1)
    level = [
        np.sqrt(np.mean(part**2))
        for part in np.array_split(
            signal.sosfilt(signal.butter(2, [200, 330], "bandpass", fs=RATE, output="sos"), samples), 20
        )
    ]
    fall_db = 20 * np.log10(level[1] / level[-1])
    assert 35 < fall_db < 75
