"""Swing, metres, tempos and ranges: everything falls where musical time says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_plugins._engines.sketch.theory.measures import beat_level, iter_measures
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap
from tests.plugins.sketch.conftest import perform, timeline
from tests.plugins.sketch.genres import RATE, played, quarters, shared


@pytest.mark.parametrize("swung", ["jazz", "blues"])
def test_swing_is_where_the_genre_says(swung: str) -> None:
    show, when = played(swung)
    places = [quarters(n, when) % 1 for n in show.notes[0]]
    eighths = [p for p in places if 0.5 < p < 0.75]
    assert eighths
    assert np.allclose(eighths, library.genres()[swung].swing, atol=0.002)


def test_words_for_the_feel() -> None:
    when = timeline(8, 120)
    straight = perform(shared(), "jazz drums, straight", when)
    assert all(abs(quarters(n, when) * 4 - round(quarters(n, when) * 4)) < 0.01 for n in straight.notes[0])
    full, half = perform(shared(), "techno drums", when), perform(shared(), "techno drums half time", when)
    kicks = [sum(DRUM_NAMES[n.pitch] == "kick" for n in show.notes[0]) for show in (full, half)]
    assert kicks[1] == kicks[0] / 2


@pytest.mark.parametrize(
    ("metre", "sixteenths"),
    [
        ((2, 4), 8),
        ((3, 4), 12),
        ((4, 4), 16),
        ((5, 4), 20),
        ((7, 4), 28),
        ((6, 8), 12),
        ((7, 8), 14),
        ((12, 8), 24),
        ((15, 16), 15),
        ((31, 8), 62),
    ],
)
def test_every_metre_is_on_its_grid_and_begins_with_the_kick(metre: tuple[int, int], sixteenths: int) -> None:
    bars = 4
    when = timeline(bars * sixteenths * 0.125, 120, metre, RATE)
    show = perform(shared(), "rock", when, seed=2)
    bar = sixteenths / 4
    for notes in show.notes:
        places = [quarters(note, when) * 4 for note in notes if note.pitch != 49]
        assert all(abs(place - round(place)) < 0.01 for place in places)
    for number in range(bars):
        kicks = [
            n
            for n in show.notes[0]
            if DRUM_NAMES[n.pitch] == "kick" and abs(quarters(n, when) - number * bar) < 0.01
        ]
        assert kicks, f"no kick on the one of bar {number + 1}"
        snares = [
            n
            for n in show.notes[0]
            if DRUM_NAMES[n.pitch] == "snare" and 0 <= quarters(n, when) - number * bar < bar
        ]
        assert snares or bar < 1.5


@pytest.mark.parametrize("metre", [(1, 16), (31, 8), (3, 4), (5, 16), (17, 32), (9, 2), (4, 3)])
@pytest.mark.parametrize("bpm", [20, 61.3, 400])
def test_everyone_plays_at_every_tempo_and_metre_at_a_playable_pace(
    metre: tuple[int, int], bpm: float
) -> None:
    when = timeline(24, bpm, metre, 8_000)
    for prompt in ("rock", "jazz", "chiptune"):
        show = perform(shared(), prompt, when)
        for stem, notes in zip(show.stems, show.notes, strict=True):
            starts = sorted({note.start for note in notes})
            assert 6 <= len(starts) <= 24 * 16, (prompt, stem.name)


def test_ramps_and_changes_of_metre_are_followed() -> None:
    points = (
        TempoPoint(position=0.0, bpm=90, shape="linear"),
        TempoPoint(position=6.0 * RATE, bpm=150, numerator=3, denominator=4, starts_bar=True),
    )
    when = timeline(12, rate=RATE, tempo=points)
    tempo = TempoMap.from_timeline(when)
    show = perform(shared(), "techno drums", when)
    beats = {round(tempo.quarters_at(n.start) * 4, 1) for n in show.notes[0] if DRUM_NAMES[n.pitch] == "kick"}
    metre_start = tempo.quarters_at(6.0 * RATE) * 4
    for place in beats:
        from_start, from_change = place % 4, (place - metre_start) % 4
        assert min(from_start, 4 - from_start) < 0.15 or min(from_change, 4 - from_change) < 0.15


def test_a_range_inside_a_bar_begins_where_the_bar_is() -> None:
    when = timeline(3.5, 120, rate=RATE, start=RATE // 2, beat=1.0)
    show = perform(shared(), "rock", when)
    snares = [quarters(n, when) for n in show.notes[0] if DRUM_NAMES[n.pitch] == "snare" and n.velocity > 60]
    assert snares[0] == pytest.approx(0.0, abs=0.001), "beat two of the bar is the first of the range"
    pad = perform(shared(), "strings", when)
    assert min(n.start for n in pad.notes[0]) == 0, "a held chord sounds from the start of the range"


def test_the_same_measures_whatever_the_window() -> None:
    when = timeline(40, 133, (7, 8), RATE)
    music = MusicalRange.from_timeline(when)
    made = list(iter_measures(music, beat_level(music.tempo, 0)))
    assert [m.index for m in made] == list(range(len(made)))
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(made))
    assert [m.left for m in made[-4:]] == [3, 2, 1, 0]
