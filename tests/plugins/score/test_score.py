"""Timelines as scores, read back by another program."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import msgspec
import pytest

from bandmate_plugins._score.abc_writer import write_abc
from bandmate_plugins._score.from_timeline import score_of
from bandmate_plugins._score.musicxml_writer import write_musicxml
from bandmate_plugins._score.score import Score
from bandmate_plugins._score.spelling import respell_chord, spell_pitch
from bandmate_plugins._theory.keys import parse_key
from bandmate_plugins.score import timeline_abc, timeline_musicxml
from bandmate_plugins.testing import make_timeline
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import ChordMark, GivenPart, Note, SectionMark, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame
from tests.plugins.score import outside

RATE = 48_000
Written = tuple[Fraction | float, Fraction | float, int]
"""Start and length in quarters from the start of the range, and a MIDI note number."""
FORMATS = pytest.mark.parametrize("write", [write_abc, write_musicxml])


def with_notes(timeline: Timeline, *parts: list[Written], jitter: float = 0.0, channel: int = 0) -> Timeline:
    tempo, drawn = TempoMap.from_timeline(timeline), random.Random(1)
    origin = tempo.quarters_at(timeline.start_frame)

    def frame(quarters: float) -> int:
        return nearest_frame(tempo.position_at(origin + quarters)) - timeline.start_frame

    given = []
    for number, part in enumerate(parts):
        notes = []
        for start, length, pitch in part:
            begin = max(frame(float(start)) + round(drawn.uniform(-jitter, jitter) * RATE), 0)
            notes.append(
                Note(start=begin, frames=max(frame(float(start + length)) - begin, 1), pitch=pitch, velocity=90,
                     channel=channel)
            )  # fmt: skip
        given.append(GivenPart(name=f"Part {number + 1}", notes=tuple(notes)))
    return msgspec.structs.replace(timeline, parts=tuple(given))


def third(count: int) -> Fraction:
    return Fraction(count, 3)


TUNE: list[Written] = [
    (0, 1, 69), (1, third(1), 72), (Fraction(4, 3), third(1), 73), (Fraction(5, 3), third(1), 74),
    (2, Fraction(1, 2), 76), (Fraction(5, 2), 4, 77), (7, Fraction(3, 2), 66), (Fraction(17, 2), Fraction(1, 4), 70),
    (9, third(2), 70), (Fraction(29, 3), third(1), 71), (10, Fraction(3, 4), 72), (Fraction(43, 4), Fraction(1, 4), 74),
]  # fmt: skip


def told(part: list[Written]) -> outside.Sounding:
    return [(Fraction(start), Fraction(length), (pitch,)) for start, length, pitch in part]


@FORMATS
@pytest.mark.parametrize("key", [None, "A minor", "Eb major", "F# dorian", "B major"])
def test_ties_triplets_and_dots_are_read_by_another_program(
    write: Callable[[Score], str], key: str | None
) -> None:
    timeline = with_notes(make_timeline(3, sample_rate=RATE, key=key), TUNE)
    assert outside.sounding(write(score_of(timeline, "A tune"))) == [told(TUNE)]


@FORMATS
@pytest.mark.parametrize("metre", ["4/4", "3/4", "7/8", "6/8", "13/16", "5/4", "2/2"])
def test_any_notes_come_back_in_any_metre(write: Callable[[Score], str], metre: str) -> None:
    numerator, denominator = map(int, metre.split("/"))
    bar = Fraction(4 * numerator, denominator)
    for seed in range(6):
        drawn, place, part = random.Random(seed), Fraction(0), list[Written]()
        while place < 4 * bar:
            length = min(Fraction(drawn.choice([1, 1, 2, 2, 3, 4, 6, 8, 16]), 4), 4 * bar - place)
            if drawn.random() < 0.8:
                part.append((place, length, drawn.randrange(40, 90)))
            place += length
        timeline = with_notes(make_timeline(4, bpm=97.3, metre=metre, sample_rate=RATE, key="D major"), part)
        text = write(score_of(timeline, "Any"))
        assert outside.sounding(text) == [told(part)], (seed, text)
        assert [length for _, length in outside.bars(text)] == [float(bar)] * 4


@FORMATS
def test_what_a_player_plays_is_written_as_it_was_meant(write: Callable[[Score], str]) -> None:
    played = [(start, length * Fraction(9, 10), pitch) for start, length, pitch in TUNE]
    timeline = with_notes(make_timeline(3, bpm=93, sample_rate=RATE), played, jitter=0.008)
    (heard,) = outside.sounding(write(score_of(timeline, "Played")))
    assert [(start, pitches) for start, _, pitches in heard] == [
        (start, pitches) for start, _, pitches in told(TUNE)
    ]


@FORMATS
def test_notes_that_overlap_go_to_voices_and_chords_stay_together(write: Callable[[Score], str]) -> None:
    keys: list[Written] = [(0, 4, 45), (0, 4, 52), (1, 1, 60), (4, 2, 41), (4, 2, 53)]
    timeline = with_notes(make_timeline(2, sample_rate=RATE), [(0, 8, 72)], keys)
    voices = outside.sounding(write(score_of(timeline, "Keys")))
    assert voices == [[(0, 8, (72,))], [(0, 4, (45, 52)), (4, 2, (41, 53))], [(1, 1, (60,))]]


@FORMATS
def test_chords_sections_tempo_and_metre_stand_where_they_are(write: Callable[[Score], str]) -> None:
    tempo = (
        TempoPoint(position=0.0, bpm=120.0),
        TempoPoint(position=4.0 * RATE, bpm=90.0, numerator=7, denominator=8, starts_bar=True),
    )
    symbols = {0: "Am7", 1 * RATE: "F#m7b5/C", 2 * RATE: "N", 3 * RATE: "Bb13", 4 * RATE: "Ebmaj7"}
    marks = [ChordMark(position=frame, symbol=symbol) for frame, symbol in symbols.items()]
    timeline = make_timeline(
        frames=round((4 + 2 * 3.5 * 60 / 90) * RATE), tempo=tempo, sample_rate=RATE, chords=marks
    )
    timeline = msgspec.structs.replace(
        timeline, sections=(SectionMark(start_frame=0, end_frame=4 * RATE, name='Verse "one"'),)
    )
    part: list[Written] = [(0, 15, 60)]
    text = write(score_of(with_notes(timeline, part), "Song"))
    assert outside.sounding(text) == [told(part)]
    assert [place for place, _ in outside.chords(text)] == [0.0, 2.0, 6.0, 8.0]
    assert [length for _, length in outside.bars(text)] == [4, 4, 3.5, 3.5]
    assert outside.tempi(text) == [(0.0, 120.0), (8.0, 90.0)]
    assert "Verse" in text
    assert outside.roots(text) == ["A", "F#", "B-", "E-"]


@FORMATS
def test_a_range_inside_a_bar_begins_with_a_pickup(write: Callable[[Score], str]) -> None:
    beat = RATE // 2
    timeline = make_timeline(frames=9 * beat, start_frame=3 * beat, sample_rate=RATE, bar=1, beat=3.0)
    part: list[Written] = [(0, 1, 67), (1, 2, 72), (3, 2, 74), (5, 4, 72)]
    text = write(score_of(with_notes(timeline, part), "Pickup"))
    assert outside.sounding(text) == [told(part)]
    assert [length for _, length in outside.bars(text)] == [1, 4, 4]


def test_a_ramp_is_written_bar_by_bar() -> None:
    tempo = (TempoPoint(position=0.0, bpm=60.0, shape="linear"), TempoPoint(position=8.0 * RATE, bpm=120.0))
    score = score_of(make_timeline(4, tempo=tempo, sample_rate=RATE), "Ramp")
    bpm = [event.marks.bpm for bar in score.voices[0].bars for event in bar if event.marks.bpm]
    assert bpm[0] == 60.0
    assert bpm == sorted(bpm)
    assert bpm[-1] == 120.0


def test_chords_alone_are_a_score_and_drums_are_none() -> None:
    marks = [ChordMark(position=0, symbol="Am"), ChordMark(position=RATE, symbol="F")]
    timeline = make_timeline(2, sample_rate=RATE, chords=marks)
    score = score_of(timeline, "Chords")
    assert [voice.name for voice in score.voices] == ["Chords"]
    assert outside.chords(write_abc(score)) == [(0.0, "Am"), (2.0, "F")]
    drums = score_of(with_notes(timeline, [(0, 1, 36)], channel=9), "Drums")
    assert drums.remarks == ("Left out, as drums have no pitch: Part 1.",)
    assert [voice.name for voice in drums.voices] == ["Chords"]


def test_engines_get_the_score_of_a_request() -> None:
    timeline = with_notes(make_timeline(3, sample_rate=RATE), TUNE)
    for write in (timeline_abc, timeline_musicxml):
        assert outside.sounding(write(timeline, "Request")) == [told(TUNE)]


def test_a_metre_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(RequestError, match="The metre 4/5 cannot be written") as refused:
        score_of(make_timeline(2, metre="4/5", sample_rate=RATE), "Odd")
    assert "over 1, 2, 4, 8, 16 or 32" in refused.value.remedy


@pytest.mark.parametrize(
    ("key", "spelled"),
    [
        ("C major", "C C# D Eb E F F# G G# A Bb B"), ("G major", "C C# D D# E F F# G G# A Bb B"),
        ("F major", "C C# D Eb E F F# G Ab A Bb B"), ("D minor", "C C# D Eb E F F# G Ab A Bb B"),
        ("G minor", "C Db D Eb E F F# G Ab A Bb B"), ("E minor", "C C# D D# E F F# G G# A Bb B"),
        ("Db major", "C Db D Eb E F Gb G Ab A Bb B"), ("F# major", "C C# D D# E E# F# G G# A A# B"),
    ],
)  # fmt: skip
def test_the_key_decides_how_notes_are_spelled(key: str, spelled: str) -> None:
    signs = {-1: "b", 0: "", 1: "#"}
    found = [spell_pitch(60 + number, parse_key(key)) for number in range(12)]
    # What no common letter has is only asked for where the key has it.
    told = [one.letter + signs[one.alter] for one in found]
    wanted = spelled.split()
    assert {name for name, want in zip(told, wanted, strict=True) if name != want} <= {"B#", "Cb", "Fb", "E#"}
    for number, one in enumerate(found):
        natural = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[one.letter]
        assert 12 * (one.octave + 1) + natural + one.alter == 60 + number


@FORMATS
def test_what_is_spelled_across_the_octave_sounds_the_same(write: Callable[[Score], str]) -> None:
    part: list[Written] = [(number, 1, 59 + number) for number in range(8)]
    for key in ("F# major", "C# minor", "Db major", "Eb minor", "G minor"):
        timeline = with_notes(make_timeline(2, sample_rate=RATE, key=key), part)
        assert outside.sounding(write(score_of(timeline, "Edge"))) == [told(part)]


def test_chords_are_spelled_in_their_key() -> None:
    assert respell_chord("Bb7/Ab", parse_key("B major")) == "A#7/G#"
    assert respell_chord("C#m7", parse_key("Ab major")) == "Dbm7"
    assert respell_chord("Eb", None) == "Eb"


def test_a_score_in_sixteenths_has_no_shorter_notes_than_were_played() -> None:
    played: list[Written] = [(Fraction(number, 4), Fraction(2, 9), 60 + number) for number in range(39)]
    timeline = with_notes(make_timeline(3, metre="13/16", bpm=93, sample_rate=RATE), played, jitter=0.012)
    score = score_of(timeline, "Odd")
    assert {event.length for bar in score.voices[0].bars for event in bar} == {Fraction(1, 4)}
