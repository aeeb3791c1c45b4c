"""Several of one instrument: `two electric guitars` are two players, with parts of their own, side by side."""

from __future__ import annotations

import numpy as np
import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from tests.plugins.sketch.conftest import perform, timeline


@pytest.mark.parametrize(
    ("prompt", "stems"),
    [
        ("two soft violins", ["Violin", "Violin 2"]),
        ("a pair of flutes and a cello", ["Flute", "Flute 2", "Cello"]),
        ("4 trombones", ["Trombone", "Trombone 2", "Trombone 3", "Trombone 4"]),
        ("rock band with two guitars", ["Drums", "Picked bass", "Distorted guitar", "Lead guitar"]),
        ("metal with two guitars", ["Distorted guitar", "Distorted guitar 2"]),
        ("piano from bar 2, two guitars", ["Piano", "Acoustic guitar", "Acoustic guitar 2"]),
        ("strings, verse two guitars", ["Acoustic guitar", "Strings"]),
        ("double bass", ["Upright bass"]),
        ("twelve string guitar", ["Twelve-string guitar"]),
        ("bass in two", ["Electric bass"]),
        ("piano, another piano", ["Piano", "Piano 2"]),
        ("piano and a second piano", ["Piano", "Piano 2"]),
        ("trumpet and another soft trumpet", ["Trumpet", "Trumpet 2"]),
        ("two pianos and one more piano", ["Piano", "Piano 2", "Piano 3"]),
        ("piano, a second bass", ["Piano", "Electric bass"]),
        ("a second piano", ["Piano"]),
    ],
)
def test_who_plays(prompt: str, stems: list[str]) -> None:
    assert sorted(name for name, _ in planned_stems(parse_prompt(prompt))) == sorted(stems)


def test_a_second_is_a_length_where_no_player_follows() -> None:
    assert parse_prompt("a second piano").seconds is None
    assert parse_prompt("a second of piano").seconds == 1


@pytest.mark.parametrize("prompt", ["two electric guitars", "three trumpets", "two pianos"])
def test_each_has_notes_and_a_place_of_its_own(engine: LoadedEngine, prompt: str) -> None:
    show = perform(engine, prompt, timeline(16.0, bpm=120.0))
    assert len(show.stems) == (3 if "three" in prompt else 2)
    assert not show.report["unknown_words"]
    written = [[(note.start, note.pitch) for note in notes] for notes in show.notes]
    assert all(written)
    assert all(one != other for at, one in enumerate(written) for other in written[at + 1 :])
    sides = [20 * np.log10(np.std(audio[:, 0]) / np.std(audio[:, 1])) for audio in map(show.audio, range(2))]
    assert sides[0] > 1
    assert sides[0] > sides[1] + 1


def test_the_players_below_a_melody_play_voices_of_the_chords(engine: LoadedEngine) -> None:
    show = perform(engine, "three trumpets", timeline(16.0, bpm=120.0))
    middles = [float(np.median([note.pitch for note in notes])) for notes in show.notes]
    assert middles[0] > max(middles[1:])
