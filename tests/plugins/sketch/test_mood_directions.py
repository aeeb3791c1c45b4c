"""Each mood goes where its name says: darker by the spectrum, drier by the decay, slower by the tempo."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from tests.plugins.sketch.conftest import Performance, perform, timeline
from tests.plugins.sketch.genres import shared

RATE = 24_000
MOODS = library.word_lists().moods


@lru_cache(maxsize=64)
def played(prompt: str) -> Performance:
    """Two bars at one tempo in one key, so that only the playing and the sound differ."""
    return perform(shared(), prompt, timeline(4, 120, rate=RATE, key="C major"), seed=2)


def treble_db(prompt: str) -> float:
    """The energy above 2 kHz relative to that below."""
    mono = played(prompt).mix.mean(axis=1)
    power = np.abs(np.fft.rfft(mono)) ** 2
    high = np.fft.rfftfreq(len(mono), 1 / RATE) > 2_000
    return float(10 * np.log10(power[high].sum() / power[~high].sum()))


def gap_db(prompt: str) -> float:
    """The level of the quietest twentieth of the piece relative to its mean: what the room leaves between strokes."""
    mono = np.square(played(prompt).mix.mean(axis=1))
    level = mono[: len(mono) // 240 * 240].reshape(-1, 240).mean(axis=1)
    return float(10 * np.log10(np.quantile(level, 0.05) / level.mean()))


def mean_velocity(prompt: str) -> float:
    return float(np.mean([note.velocity for notes in played(prompt).notes for note in notes]))


def tempo(prompt: str) -> float:
    return decisions.choose_tempo(parse_prompt(prompt))


def minor_share(prompt: str) -> float:
    wish = parse_prompt(prompt)
    return float(np.mean([decisions.choose_key(wish, None, seed)[0].is_minor for seed in range(16)]))


BRIGHTER = sorted(name for name, mood in MOODS.items() if mood.bright > 0.1)
DARKER = sorted(name for name, mood in MOODS.items() if mood.bright < -0.1)


def word(name: str) -> str:
    return MOODS[name].words[0]


@pytest.mark.parametrize("name", BRIGHTER)
def test_bright_moods_are_brighter(name: str) -> None:
    assert treble_db(f"{word(name)} rock piano") > treble_db("rock piano") + 0.8


@pytest.mark.parametrize("name", DARKER)
def test_dark_moods_are_darker(name: str) -> None:
    assert treble_db(f"{word(name)} rock piano") < treble_db("rock piano") - 0.8


def test_rooms() -> None:
    dry, plain, wet = (gap_db(f"{mood} reggae drums") for mood in ("dry", "", "roomy"))
    assert dry < plain < wet


def test_energy() -> None:
    calm, plain, hard = (mean_velocity(f"{mood} rock band") for mood in ("calm", "", "energetic"))
    assert calm < plain < hard
    assert mean_velocity("aggressive rock band") > plain


@pytest.mark.parametrize("name", sorted(name for name, mood in MOODS.items() if mood.tempo != 1.0))
def test_tempos(name: str) -> None:
    faster = MOODS[name].tempo > 1
    assert (tempo(f"{word(name)} rock") > tempo("rock")) == faster
    assert tempo(f"{word(name)} rock") != tempo("rock")


@pytest.mark.parametrize("name", sorted(name for name, mood in MOODS.items() if mood.minor is not None))
def test_modes(name: str) -> None:
    assert minor_share(f"{word(name)} rock") == float(bool(MOODS[name].minor))


def test_half_time_has_half_the_backbeats() -> None:
    def claps(prompt: str) -> int:
        first_bar = [note for note in played(prompt).notes[0] if note.start < 2 * RATE]
        return sum(note.pitch == 39 for note in first_bar)

    assert (claps("half time house drums"), claps("house drums")) == (1, 2)
