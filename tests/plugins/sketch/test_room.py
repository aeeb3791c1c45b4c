"""What `generate` adds to a song leaves room for what plays there."""

from __future__ import annotations

import numpy as np
import pytest

from bandmate_plugins import LoadedEngine
from bandmate_protocol.messages import ChordMark
from tests.plugins.sketch.conftest import Recording, perform, timeline

RATE = 48_000
CHORDS = tuple(
    ChordMark(position=2 * RATE * at, symbol=each) for at, each in enumerate(["Am", "F", "C", "G"] * 2)
)
WHEN = timeline(16, 120, key="A minor", chords=CHORDS)
"""Key and chords are given, so that only the room that is left differs."""
_FRAME = RATE // 20


def band_magnitudes(samples: np.ndarray) -> np.ndarray:
    """Magnitudes in thirds of an octave from 55 Hz to 28 kHz, every 50 ms."""
    mono = samples.mean(axis=1)
    frames = mono[: len(mono) // _FRAME * _FRAME].reshape(-1, _FRAME) * np.hanning(_FRAME)
    power = np.abs(np.fft.rfft(frames, 8192, axis=1)) ** 2
    hertz = np.fft.rfftfreq(8192, 1 / RATE)
    edges = 55 * 2 ** (np.arange(28) / 3)
    bands = [power[:, (hertz >= low) & (hertz < low * 2 ** (1 / 3))].sum(axis=1) for low in edges[:-1]]
    return np.sqrt(np.stack(bands, axis=1))


def overlap(part: np.ndarray, song: np.ndarray) -> float:
    """How alike two spectrograms are, from 0 (nowhere at once) to 1, whatever their levels: their cosine."""
    one, other = band_magnitudes(part), band_magnitudes(song)
    return float((one * other).sum() / np.sqrt(np.square(one).sum() * np.square(other).sum()))


@pytest.fixture(scope="module")
def songs(engine: LoadedEngine) -> dict[str, np.ndarray]:
    prompts = {"saxophone": "pop piano, bass and saxophone", "guitar": "rock lead guitar, organ and bass"}
    return {name: perform(engine, prompt, WHEN, seed=3).mix for name, prompt in prompts.items()}


@pytest.mark.parametrize(
    ("prompt", "song"),
    [
        ("piano", "saxophone"),
        ("organ", "saxophone"),
        ("electric piano", "saxophone"),
        ("violin", "saxophone"),
        ("clarinet", "saxophone"),
        ("flute", "guitar"),
        ("violin", "guitar"),
        ("saxophone", "guitar"),
        ("lead guitar", "guitar"),
    ],
)
def test_a_part_overlaps_less_than_without_the_song(
    engine: LoadedEngine, songs: dict[str, np.ndarray], prompt: str, song: str
) -> None:
    there = songs[song]
    beside, alone = (
        np.mean([overlap(perform(engine, prompt, WHEN, seed, inputs).mix, there) for seed in (1, 2)])
        for inputs in ((Recording(there),), ())
    )
    assert beside < alone - 0.01


def test_where_nothing_has_a_melody_the_notes_stay(engine: LoadedEngine) -> None:
    drums = perform(engine, "rock drums", WHEN).mix
    beside = perform(engine, "flute", WHEN, inputs=(Recording(drums),))
    assert beside.notes == perform(engine, "flute", WHEN).notes


def test_a_lead_still_plays_in_a_song_whose_melody_does_not_rest(
    engine: LoadedEngine, songs: dict[str, np.ndarray]
) -> None:
    show = perform(engine, "flute", WHEN, inputs=(Recording(songs["saxophone"]),))
    bars = {note.start // (2 * RATE) for note in show.notes[0]}
    assert len(bars) >= 4
