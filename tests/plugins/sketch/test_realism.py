"""Repeated notes differ, harder ones are brighter, rooms have walls, and the bus holds the mix together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.sound import sampler
from bandmate_plugins._engines.sketch.sound.channel import note_variant
from bandmate_plugins._engines.sketch.sound.effects import RoomReverb, _room_impulse
from bandmate_plugins._engines.sketch.sound.glue import BusCompressor
from bandmate_plugins._engines.sketch.sound.percussion import render_hit
from bandmate_plugins._engines.sketch.sound.voices import render_body
from tests.material.sketch_bands import band, mix_of
from tests.metrics.mix_sound import side_levels

RATE = 48_000
SOFT, HARD = (sampler.layer_velocity(layer) for layer in (1, 3))


def centroid(samples: np.ndarray) -> float:
    power = np.square(np.abs(np.fft.rfft(samples.mean(axis=1))))
    return float((power * np.fft.rfftfreq(len(samples), 1 / RATE)).sum() / power.sum())


@pytest.mark.parametrize("period", range(1, 17))
def test_no_pattern_of_hits_sounds_the_same_each_time(period: int) -> None:
    turns = [note_variant(number) for number in range(20 * period)]
    assert all(first != second for first, second in pairwise(turns))
    assert len(set(turns[::period])) == 4


@pytest.mark.parametrize("kit", sorted(library.kits()))
def test_strokes_differ_and_harder_ones_are_brighter(kit: str) -> None:
    for name, drum in library.kits()[kit].drums.items():
        takes = [render_hit(drum, RATE, HARD, variant) for variant in range(4)]
        for one, other in pairwise(takes):
            assert np.abs(one - other).max() > 1e-3 * np.abs(one).max(), name
        levels = [10 * np.log10(np.square(take).sum()) for take in takes]
        assert max(levels) - min(levels) < 3.0, name
        # A scratch is a record, and what is crushed has no spectrum of its own.
        if (
            not drum.crush
            and not name.startswith("scratch")
            and (drum.noise or drum.metal or drum.sweep_hz > 0)
        ):
            soft, hard = (
                np.mean([centroid(render_hit(drum, RATE, velocity, variant)) for variant in range(4)])
                for velocity in (SOFT, HARD)
            )
            assert hard > soft, name


@pytest.mark.parametrize("name", sorted(library.instruments()))
def test_harder_notes_are_brighter(name: str) -> None:
    instrument = library.instruments()[name]
    pitch = (instrument.low + instrument.high) // 2
    soft, hard = (
        centroid(render_body(instrument.sound, RATE, pitch, velocity, RATE // 2, 0))
        for velocity in (SOFT, HARD)
    )
    assert hard > soft


def test_rooms_begin_with_echoes_of_their_walls_and_small_ones_are_heard_by_them() -> None:
    shares = []
    for seconds in (0.5, 1.0, 2.4):
        impulse = _room_impulse(RATE, seconds)
        assert np.square(impulse).sum() == pytest.approx(2.0, rel=1e-3)
        power = np.square(impulse).sum(axis=1)
        assert power[: round(0.002 * RATE)].sum() < 0.02 * power.sum()
        shares.append(power[: round(0.03 * RATE)].sum() / power.sum())
        left, right = impulse[: round(0.05 * RATE)].T
        assert abs(np.corrcoef(left, right)[0, 1]) < 0.6
    assert shares[0] > shares[1] > shares[2] > 0.02


def test_a_room_sounds_the_same_in_windows_of_any_length() -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    whole = RoomReverb(RATE, 1.0, 0.3).add(noise)
    room = RoomReverb(RATE, 1.0, 0.3)
    pieces = np.concatenate([room.add(noise[at : at + 7_000]) for at in range(0, RATE, 7_000)])
    assert np.abs(whole - pieces).max() < 1e-4


def _beats(rate: int = RATE) -> np.ndarray:
    rng = np.random.default_rng(1)
    envelope = np.where(np.arange(4 * rate) % rate < rate // 2, 0.4, 0.1)
    return np.repeat((rng.normal(0, 1, 4 * rate) * envelope).astype(np.float32)[:, None], 2, axis=1)


def test_the_bus_makes_loud_moments_softer_by_a_slow_gain_for_all_stems() -> None:
    loud, other = _beats(), _beats()[::-1].copy() * 0.2
    bus = BusCompressor(RATE, 1.0, float(np.square(loud + other).sum(axis=1).mean()))
    first, second = bus.add([loud, other])
    gain = first[:, 0] / loud[:, 0]
    assert np.allclose(second[:, 0], other[:, 0] * gain, atol=1e-5)
    decibels = 20 * np.log10(gain[np.abs(loud[:, 0]) > 1e-3])
    assert -5.01 <= decibels.min() < -0.5
    assert decibels.max() <= 0.001
    assert np.abs(np.diff(decibels)).max() < 0.05

    def spread(samples: np.ndarray) -> float:
        blocks = np.sqrt(np.square(samples).reshape(-1, 2_400, 2).mean(axis=(1, 2)))
        return float(20 * np.log10(np.percentile(blocks[20:], 90) / np.percentile(blocks[20:], 10)))

    assert spread(first + second) < spread(loud + other) - 0.3


def test_the_bus_goes_on_from_window_to_window() -> None:
    loud = _beats()
    power = float(np.square(loud).sum(axis=1).mean())
    whole = BusCompressor(RATE, 0.6, power).add([loud])[0]
    bus = BusCompressor(RATE, 0.6, power)
    size = 96 * 50
    pieces = np.concatenate([bus.add([loud[at : at + size]])[0] for at in range(0, len(loud), size)])
    assert np.abs(whole - pieces).max() < 1e-4


def test_what_is_soft_or_deep_does_not_move_the_bus() -> None:
    loud = _beats()
    power = float(np.square(loud).sum(axis=1).mean())
    assert np.array_equal(BusCompressor(RATE, 0.0, power).add([loud])[0], loud)
    soft = loud * np.float32(0.05)
    assert np.allclose(BusCompressor(RATE, 1.0, power).add([soft])[0], soft, rtol=1e-3)
    time = np.arange(RATE)[:, None] / RATE
    kick = np.repeat(np.sin(2 * np.pi * 45 * time), 2, axis=1).astype(np.float32) * np.float32(np.sqrt(power))
    gain = BusCompressor(RATE, 1.0, power).add([kick])[0][RATE // 2 :] / kick[RATE // 2 :]
    assert np.nanmin(gain) > 10 ** (-1.5 / 20)


def test_what_spreads_a_part_is_not_in_the_sum_of_the_sides_nor_in_the_bass() -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, (RATE, 1)).astype(np.float32)
    mono = np.repeat(noise, 2, axis=1)
    wide = RoomReverb(RATE, 0.5, 0.0, 0.5).add(mono)
    assert np.abs(wide.mean(axis=1) - noise[:, 0]).max() < 1e-5
    low, middle, _ = side_levels(wide)
    assert low < middle - 9
    # The echoes leave out what is below 220 Hz and above 9 kHz, so there is more of them between.
    assert middle == pytest.approx(20 * np.log10(0.5) + 3, abs=1.5)
    other = RoomReverb(RATE, 0.5, 0.0, 0.5, place=2).add(mono)
    assert np.abs(np.corrcoef(wide[:, 0] - noise[:, 0], other[:, 0] - noise[:, 0])[0, 1]) < 0.3


@pytest.mark.parametrize("genre", ["pop", "rock", "jazz", "soul", "bossa_nova"])
def test_bands_are_as_wide_as_recordings_of_bands(genre: str) -> None:
    """The range of the recordings in docs/measured/sound.md, in the middle and above."""
    _, middle, high = side_levels(mix_of(band(genre, 1, 10.0)))
    assert -10.0 < middle < -0.4
    assert -13.0 < high < -0.4
