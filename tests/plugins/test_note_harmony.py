"""Key and chords of notes that are written down."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bandmate_plugins._theory.note_harmony import HarmonyCell, NoteHarmony, TimedNote, harmony_of

BB, F, C, AM, G = (58, 62, 65), (53, 57, 60), (60, 64, 67), (57, 60, 64), (55, 59, 62)


def beats(bars: int, count: int = 4) -> list[HarmonyCell]:
    return [HarmonyCell(beat, beat + 1, beat % count == 0) for beat in range(bars * count)]


def blocks(chords: Sequence[Sequence[int]], length: float = 4.0) -> list[TimedNote]:
    return [
        TimedNote(bar * length, (bar + 1) * length, pitch)
        for bar, chord in enumerate(chords)
        for pitch in chord
    ]


def line(pitches: Sequence[int], length: float = 0.5) -> list[TimedNote]:
    return [TimedNote(at * length, (at + 1) * length, pitch) for at, pitch in enumerate(pitches)]


def heard(notes: Sequence[TimedNote], bars: int) -> NoteHarmony:
    return harmony_of(notes, beats(bars))


def symbols(found: NoteHarmony) -> list[str]:
    return [symbol for _, symbol in found.chords]


def test_triads_in_turn_are_chords_bar_by_bar() -> None:
    found = heard(blocks([BB, F] * 4), 8)
    assert found.key == "Bb major"
    assert found.chords == tuple((4.0 * bar, "Bb" if bar % 2 == 0 else "F") for bar in range(8))


@pytest.mark.parametrize("shift", range(-6, 6))
def test_every_key_is_told_alike(shift: int) -> None:
    moved = [[pitch + shift for pitch in chord] for chord in (C, AM, F, G)]
    found = heard(blocks(moved * 2), 8)
    plain = heard(blocks([C, AM, F, G] * 2), 8)
    assert plain.key == "C major"
    assert [place for place, _ in found.chords] == [place for place, _ in plain.chords]
    assert symbols(found)[1].endswith("m")
    assert not symbols(found)[0].endswith("m")


@pytest.mark.parametrize(
    ("pitches", "symbol"),
    [
        ((48, 52, 55, 59), "Cmaj7"), ((50, 53, 57, 60), "Dm7"), ((43, 59, 62, 65), "G7"),
        ((47, 50, 53), "Bdim"), ((48, 53, 55), "Csus4"), ((45, 60, 64), "Am"), ((47, 62, 65, 69), "Bm7b5"),
    ],
)  # fmt: skip
def test_kinds_of_chords(pitches: tuple[int, ...], symbol: str) -> None:
    assert symbols(heard(blocks([pitches]), 1)) == [symbol]


def test_a_bass_line_gives_the_triads_of_its_key() -> None:
    found = heard(line([34] * 8 + [41] * 8 + [39] * 8 + [41] * 8), 4)
    assert found.key == "Bb major"
    assert symbols(found) == ["Bb", "F", "Eb", "F"]


def test_broken_chords_are_chords_and_a_melody_gives_its_key_only() -> None:
    broken = [pitch for chord in (C, AM, F, G) for pitch in (*chord, chord[0] + 12) * 2]
    assert symbols(heard(line(broken), 4)) == ["C", "Am", "F", "G"]
    melody = heard(line([67, 69, 71, 72, 74, 72, 71, 69, 67, 64, 62, 60, 62, 64, 65, 67] * 2), 4)
    assert melody == NoteHarmony("C major", ())


@pytest.mark.parametrize("pitches", [(69,), (67, 72), (64, 64, 67, 67)])
def test_a_line_of_a_note_or_two_is_a_melody_and_no_chord(pitches: tuple[int, ...]) -> None:
    assert heard(line(pitches, 4 / len(pitches)), 1).chords == ()
    assert heard(line(pitches * 4, 4 / len(pitches)), 4).chords == ()


def test_a_short_stranger_does_not_change_the_chord() -> None:
    notes = [*blocks([C, C]), TimedNote(1.0, 1.25, 66), TimedNote(5.5, 6.0, 62)]
    assert symbols(heard(notes, 2)) == ["C"]


def test_rests_hold_the_chord_and_a_few_notes_of_many_bars_say_nothing() -> None:
    held = [note for note in blocks([C, AM, F, G]) if note.start != 4.0]
    assert symbols(heard(held, 4)) == ["C", "F", "G"]
    assert heard(blocks([C]), 8).chords == ()


def test_chords_of_some_bars_are_told_where_the_others_are_silent() -> None:
    found = heard([replace(note, start=note.start + 8, end=note.end + 8) for note in blocks([BB, F] * 2)], 16)
    assert found.chords == ((8.0, "Bb"), (12.0, "F"), (16.0, "Bb"), (20.0, "F"))
    assert found.end == 24.0


def test_notes_at_random_and_none_have_neither() -> None:
    chance = random.Random(1)
    strewn = [TimedNote(at / 4, at / 4 + 0.3, chance.randrange(40, 80)) for at in range(128)]
    assert heard(strewn, 8) == NoteHarmony()
    assert heard([], 4) == NoteHarmony()
    assert harmony_of([], []) == NoteHarmony()


def test_soft_notes_count_less() -> None:
    loud = blocks([C, F])
    soft = [TimedNote(note.start, note.end, note.pitch + 1, 1) for note in loud]
    assert symbols(heard([*loud, *soft], 2)) == ["C", "F"]
