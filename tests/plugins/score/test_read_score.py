"""Scores that were written here or by others, read as notes and chords."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO

import pytest

from bandmate_plugins._score.abc_reader import read_abc
from bandmate_plugins._score.abc_writer import write_abc
from bandmate_plugins._score.from_timeline import score_of
from bandmate_plugins._score.musicxml_reader import read_musicxml
from bandmate_plugins._score.musicxml_writer import write_musicxml
from bandmate_plugins._score.read_score import ReadScore
from bandmate_plugins._score.score import Score
from bandmate_plugins.testing import make_timeline
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, TempoPoint
from tests.plugins.score.test_score import RATE, TUNE, Written, with_notes


def from_abc(score: Score) -> ReadScore:
    return read_abc(write_abc(score))


def from_musicxml(score: Score) -> ReadScore:
    return read_musicxml(write_musicxml(score).encode())


BOTH = pytest.mark.parametrize("there_and_back", [from_abc, from_musicxml])


def notes(score: ReadScore, part: int = 0) -> list[Written]:
    return [(one.start, one.end - one.start, one.pitch) for one in score.parts[part].notes]


@BOTH
@pytest.mark.parametrize("metre", ["4/4", "7/8", "6/8", "13/16"])
@pytest.mark.parametrize("key", [None, "Eb major", "B minor"])
def test_what_is_written_is_read_again(
    there_and_back: Callable[[Score], ReadScore], metre: str, key: str | None
) -> None:
    numerator, denominator = map(int, metre.split("/"))
    bar = Fraction(4 * numerator, denominator)
    for seed in range(10):
        drawn, place, part = random.Random(seed), Fraction(0), list[Written]()
        while place < 3 * bar:
            length = min(Fraction(drawn.choice([1, 1, 2, 3, 4, 6, 8]), 4), 3 * bar - place)
            if drawn.random() < 0.8:
                part.append((place, length, drawn.randrange(30, 100)))
            place += length
        timeline = make_timeline(3, bpm=97.5, metre=metre, sample_rate=RATE, key=key)
        read = there_and_back(score_of(with_notes(timeline, part), "Again"))
        assert notes(read) == part
        assert [one.start for one in read.bars] == [0, bar, 2 * bar]
        assert {one.metre for one in read.bars} == {(numerator, denominator)}
        assert read.tempi == [(0, 97.5)]


@BOTH
def test_triplets_ties_and_voices_are_read_again(there_and_back: Callable[[Score], ReadScore]) -> None:
    timeline = with_notes(make_timeline(3, sample_rate=RATE, key="A minor"), TUNE, [(0, 6, 45), (0, 6, 52)])
    read = there_and_back(score_of(timeline, "Tune"))
    assert notes(read) == TUNE
    assert notes(read, 1) == [(0, 6, 45), (0, 6, 52)]
    assert [part.name for part in read.parts] == ["Part 1", "Part 2"]


@BOTH
def test_chords_tempo_and_metre_are_read_again(there_and_back: Callable[[Score], ReadScore]) -> None:
    tempo = (
        TempoPoint(position=0.0, bpm=120.0),
        TempoPoint(position=4.0 * RATE, bpm=90.0, numerator=7, denominator=8, starts_bar=True),
    )
    symbols = {0: "Am7", RATE: "F#m7b5/C", 2 * RATE: "N", 3 * RATE: "Bb13", 4 * RATE: "Ebmaj7"}
    marks = [ChordMark(position=frame, symbol=symbol) for frame, symbol in symbols.items()]
    timeline = make_timeline(
        frames=round((4 + 7 * 60 / 90) * RATE), tempo=tempo, sample_rate=RATE, chords=marks
    )
    read = there_and_back(score_of(with_notes(timeline, [(0, 15, 60)]), "Song"))
    assert read.chords == [(0, "Am7"), (2, "F#m7b5/C"), (4, "N.C."), (6, "Bb13"), (8, "Ebmaj7")]
    assert read.tempi == [(0, 120), (8, 90)]
    assert [one.metre for one in read.bars] == [(4, 4), (4, 4), (7, 8), (7, 8)]
    assert notes(read) == [(0, 15, 60)]


@BOTH
def test_a_pickup_lies_at_the_end_of_a_whole_bar(there_and_back: Callable[[Score], ReadScore]) -> None:
    beat = RATE // 2
    timeline = make_timeline(frames=9 * beat, start_frame=3 * beat, sample_rate=RATE, beat=3.0)
    read = there_and_back(score_of(with_notes(timeline, [(0, 1, 67), (1, 4, 72)]), "Pickup"))
    assert notes(read) == [(3, 1, 67), (4, 4, 72)]
    assert [one.start for one in read.bars] == [0, 4, 8]


def test_abc_as_people_write_it() -> None:
    text = (
        "%abc-2.1\nX: 1\nT: Old tune\nC: trad.\nM: 6/8\nL: 1/8\nQ: 3/8=80\nR: jig\nK: Dmix\n"
        '|:"D"A>B {g}c !trill!d2 e | [M:4/4]"G7"(3BcB ~A2 [DFA]2 z2 :| "^Fine" "A" ^F,4- F,2 (AB) |]\n'
        "w: la la\n\nX: 2\nT: other\nK: C\nCCC\n"
    )
    read = read_abc(text)
    assert read.chords == [(0, "D"), (3, "G7"), (7, "D"), (10, "G7"), (14, "A")]
    assert read.tempi == [(0, 120.0), (7, 120.0)]
    assert read.remarks == []
    half, third = Fraction(1, 2), Fraction(1, 3)
    assert notes(read)[:5] == [
        (0, 3 * half / 2, 69), (Fraction(3, 4), half / 2, 71), (1, half, 72), (Fraction(3, 2), 1, 74),
        (Fraction(5, 2), half, 76),
    ]  # fmt: skip
    assert notes(read)[5:8] == [(3, third, 71), (3 + third, third, 72), (3 + 2 * third, third, 71)]
    assert [one[2] for one in notes(read)[9:12]] == [62, 66, 69]
    assert notes(read)[12] == (7, 3 * half / 2, 69)
    assert notes(read)[24] == (14, 3, 54)


def test_musicxml_of_other_programs_with_backup_and_transposition() -> None:
    text = (
        "<score-partwise><part-list><score-part id='P1'><part-name>Sax</part-name></score-part></part-list>"
        "<part id='P1'><measure number='1'><attributes><divisions>2</divisions><time><beats>3</beats>"
        "<beat-type>4</beat-type></time><transpose><chromatic>-2</chromatic></transpose></attributes>"
        "<note><pitch><step>D</step><octave>5</octave></pitch><duration>6</duration><voice>1</voice></note>"
        "<backup><duration>6</duration></backup><forward><duration>2</duration></forward>"
        "<note><pitch><step>G</step><alter>-1</alter><octave>4</octave></pitch><duration>4</duration>"
        "<voice>2</voice></note></measure></part></score-partwise>"
    )
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(
            "META-INF/container.xml",
            "<container><rootfiles><rootfile full-path='s.xml'/></rootfiles></container>",
        )
        file.writestr("s.xml", text)
    for data in (text.encode(), packed.getvalue()):
        read = read_musicxml(data)
        assert [(part.name, notes(read, number)) for number, part in enumerate(read.parts)] == [
            ("Sax", [(0, 3, 72)]), ("Sax 2", [(1, 2, 64)]),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (read_abc, "hello"),
        (read_abc, "X:1\nK:C\n"),
        (read_abc, "X:1\nK:C\nCD ? E"),
        (read_musicxml, b"hello"),
        (read_musicxml, b"<score-timewise/>"),
        (read_musicxml, b"<score-partwise/>"),
        (read_musicxml, b"PK\x03\x04 damaged"),
    ],
)
def test_what_is_no_score_is_refused(read: Callable[[object], ReadScore], data: object) -> None:
    with pytest.raises(RequestError, match="The score cannot be read") as refused:
        read(data)
    assert refused.value.code == ErrorCode.FILE_UNUSABLE
    assert refused.value.remedy
