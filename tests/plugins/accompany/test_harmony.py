"""Chords found for melodies: those that a musician would play, and sensible ones where there is no key."""

from __future__ import annotations

import pytest

from bandmate_plugins._engines.sketch.accompany.harmony import MelodyCell, harmonise_melody, melody_key
from bandmate_plugins._theory.chords import Chord
from bandmate_plugins._theory.keys import Key


def cells(bars: list[list[int]]) -> list[MelodyCell]:
    """A cell for each bar, with its tones equally long and the first one strong; every fourth bar closes."""
    found = []
    for number, tones in enumerate(bars):
        weights = [0.0] * 12
        for place, tone in enumerate(tones):
            weights[tone % 12] += 2.0 if place == 0 else 1.0
        closes = number % 4 == 3 or number == len(bars) - 1
        found.append(MelodyCell(4.0 * number, True, closes, tuple(weights)))
    return found


def spelled(found: list[tuple[float, Chord]], count: int) -> list[str]:
    """The chord of each bar."""
    return [next(chord.symbol for place, chord in reversed(found) if place <= 4 * at) for at in range(count)]


TWINKLE = [[0, 0, 7, 7], [9, 9, 7], [5, 5, 4, 4], [2, 2, 0], [7, 7, 5, 5], [4, 4, 2], [7, 7, 5, 5], [4, 4, 2]]
JOY = [
    [4, 4, 5, 7],
    [7, 5, 4, 2],
    [0, 0, 2, 4],
    [4, 2, 2],
    [4, 4, 5, 7],
    [7, 5, 4, 2],
    [0, 0, 2, 4],
    [2, 0, 0],
]


def test_a_well_known_tune_has_its_chords() -> None:
    sung = cells(TWINKLE)
    key, clear = melody_key(sung, 28)
    assert (key, clear) == (Key(0, "major"), True)
    chords = spelled(harmonise_melody(sung, key, clear), 8)
    assert chords[0] == "C"
    assert chords[1] in ("F", "Am", "Dm")
    assert chords[3] in ("G", "G7", "C")
    assert set(chords) <= {"C", "F", "G", "G7", "Am", "Dm", "Em"}


@pytest.mark.parametrize("tonic", range(12))
def test_a_tune_ends_at_home_in_every_key(tonic: int) -> None:
    sung = cells([[tone + tonic for tone in bar] for bar in JOY])
    key, clear = melody_key(sung, 30)
    assert clear
    assert key == Key(tonic, "major")
    found = harmonise_melody(sung, key, clear)
    assert found[-1][1].root == tonic
    assert {chord.root for _, chord in found} & {(tonic + 7) % 12, (tonic + 5) % 12}


def test_a_tune_in_minor_has_its_dominant() -> None:
    bars = [[9, 0, 4], [2, 5, 9], [11, 8, 4], [9, 0, 9], [9, 0, 4], [2, 5, 9], [8, 11, 4], [9, 9]]
    sung = cells(bars)
    key, clear = melody_key(sung, 23)
    assert (key, clear) == (Key(9, "minor"), True)
    chords = spelled(harmonise_melody(sung, key, clear), 8)
    assert chords[0] == chords[-1] == "Am"
    assert chords[6] in ("E", "E7")
    assert chords[1] == "Dm"


def test_most_long_tones_are_in_their_chords() -> None:
    for bars in (TWINKLE, JOY):
        sung = cells(bars)
        key, clear = melody_key(sung, 30)
        found = harmonise_melody(sung, key, clear)
        chords = [next(c for place, c in reversed(found) if place <= one.start) for one in sung]
        first = [bar[0] % 12 in chord.pitch_classes for bar, chord in zip(bars, chords, strict=True)]
        assert sum(first) >= 6


def test_a_melody_with_no_tonal_centre_gets_chords_of_its_own_tones() -> None:
    bars = [[0, 1, 6], [11, 5, 8], [3, 2, 9], [10, 4, 7], [1, 6, 0], [5, 11, 2], [8, 3, 10], [7, 9, 4]]
    sung = cells(bars)
    key, clear = melody_key(sung, 24)
    assert not clear
    found = harmonise_melody(sung, key, clear)
    chords = [next(c for place, c in reversed(found) if place <= one.start) for one in sung]
    hits = [bool(chord.pitch_classes & set(bar)) for bar, chord in zip(bars, chords, strict=True)]
    assert all(hits)


def test_rests_are_bridged_and_nothing_gives_nothing() -> None:
    sung = cells([[0, 4, 7], [], [], [0, 4, 7]])
    assert {chord.symbol for _, chord in harmonise_melody(sung, Key(0), True)} <= {"C", "G", "G7", "F", "Am"}
    assert harmonise_melody([], Key(0), True) == []
    assert melody_key([], 0)[1] is False
