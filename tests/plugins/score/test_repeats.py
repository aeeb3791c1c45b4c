"""Repeats and endings as they are played, and bars that are not as long as their metre."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bandmate_plugins._score.abc_reader import read_abc
from bandmate_plugins._score.musicxml_reader import read_musicxml
from bandmate_plugins._score.read_score import ReadScore
from bandmate_protocol.errors import RequestError
from tests.plugins.score import outside

LETTERS = "CDEFGAB"
ODD = "Bars of another length than their metre, played as written: "
PITCHES: dict[int, str] = dict(zip((60, 62, 64, 65, 67, 69, 71), LETTERS, strict=True))


def played(score: ReadScore) -> str:
    """The notes of a score whose bars have a note each, by their letters."""
    notes = score.parts[0].notes
    assert [note.start for note in notes] == [4 * number for number in range(len(notes))]
    assert [bar.start for bar in score.bars] == [note.start for note in notes]
    return "".join(PITCHES[note.pitch] for note in notes)


def abc(body: str) -> ReadScore:
    return read_abc(f"X:1\nM:4/4\nL:1/1\nK:C\n{body}\n")


ORDERS = [
    ("C | D |]", "CD"),
    ("C | D :| E |]", "CDCDE"),
    ("C |: D | E :| F |]", "CDEDEF"),
    ("|: C :: D :|", "CCDD"),
    ("|: C :|: D :|", "CCDD"),
    ("|: C :||: D :| E |]", "CCDDE"),
    ("|: C |1 D :|2 E |]", "CDCE"),
    ("|: C | D |[1 E :|[2 F || G |]", "CDECDFG"),
    ("|: C |1,2 D :|3 E |]", "CDCDCE"),
    ("|: C |1-3 D :|4 E |]", "CDCDCDCE"),
    ("|: C |1 D :|2 E :|3 F || G |]", "CDCECFG"),
    ("|: C |1 D :| E | F |]", "CDCEF"),
    ("|:: C ::| D |]", "CCCD"),
    ("C |1 D :|2 E || F |1 G :|2 A |]", "CDCEFGFA"),
    ("C || D :| E |]", "CDCDE"),
]


@pytest.mark.parametrize(("body", "order"), ORDERS)
def test_repeats_and_endings_of_abc_are_played_in_their_order(body: str, order: str) -> None:
    assert played(abc(body)) == order


def measures(*bars: str) -> bytes:
    """Bars such as `|: C`, `[1 D :|` or `[2 E ]`: a sign before and after a letter."""
    text = ""
    for bar in bars:
        (letter,) = (one for one in bar if one in LETTERS)
        before, _, after = bar.partition(letter)
        turns = "".join(one for one in before if one.isdigit() or one == ",")
        left = '<repeat direction="forward"/>' if ":" in before else ""
        left = (f'<ending number="{turns}" type="start"/>' if turns else "") + left
        right = '<ending number="1" type="stop"/>' if turns else ""
        right += '<repeat direction="backward"/>' if ":" in after else ""
        text += "<measure><attributes><divisions>1</divisions></attributes>"
        text += f'<barline location="left">{left}</barline>' if left else ""
        text += f"<note><pitch><step>{letter}</step><octave>4</octave></pitch><duration>4</duration></note>"
        text += f'<barline location="right">{right}</barline>' if right else ""
        text += "</measure>"
    names = "<part-list><score-part id='P1'><part-name>Tune</part-name></score-part></part-list>"
    return f"<score-partwise>{names}<part id='P1'>{text}</part></score-partwise>".encode()


@pytest.mark.parametrize(
    ("bars", "order"),
    [
        (("C", "D :|", "E"), "CDCDE"),
        (("C", "|: D", "E :|", "F"), "CDEDEF"),
        (("|: C :|", "|: D :|"), "CCDD"),
        (("|: C", "[1 D :|", "[2 E", "F"), "CDCEF"),
        (("|: C", "[1,2 D :|", "[3 E", "F :|", "G"), "CDCDCEFFG"),
    ],
)
def test_repeats_and_endings_of_musicxml_are_played_in_their_order(bars: tuple[str, ...], order: str) -> None:
    assert played(read_musicxml(measures(*bars))) == order


@pytest.mark.parametrize(
    "bars", [("C", "D :|", "E"), ("|: C", "[1 D :|", "[2 E", "F"), ("|: C :|", "|: D :|")]
)
def test_the_order_is_that_of_music21(bars: tuple[str, ...]) -> None:
    data = measures(*bars)
    expanded = outside.read(data.decode()).parts[0].expandRepeats().flatten().notes
    assert played(read_musicxml(data)) == "".join(note.pitches[0].name for note in expanded)


def test_times_of_a_repeat_and_jumps_of_musicxml() -> None:
    data = measures("C :|", "D").decode()
    thrice = data.replace('direction="backward"', 'direction="backward" times="3"')
    assert played(read_musicxml(thrice.encode())) == "CCCD"
    jumping = read_musicxml(
        data.replace("<note>", '<direction><sound dacapo="yes"/></direction><note>', 1).encode()
    )
    assert jumping.remarks == ["Jumps in the score, such as D.C. or an order of its parts, are not played."]
    many = data.replace('direction="backward"', 'direction="backward" times="1000000000"')
    with pytest.raises(RequestError, match="With its repeats it has too many bars"):
        read_musicxml(many.encode())


def test_chords_tempi_voices_and_pickups_are_repeated_too() -> None:
    read = read_abc(
        'X:1\nM:4/4\nL:1/4\nK:C\nV:1\nG | "C"CDEF | "G"GABG- :| "Am"A4 |]\nV:2\nz | C4 | G3 z | A4 |]\n'
    )
    assert [(float(place), symbol) for place, symbol in read.chords] == [
        (4, "C"), (8, "G"), (13, "C"), (17, "G"), (21, "Am"),
    ]  # fmt: skip
    assert [(float(note.start), note.pitch) for note in read.parts[1].notes] == [
        (4, 60), (8, 67), (13, 60), (17, 67), (21, 69),
    ]  # fmt: skip
    tied = [note for note in read.parts[0].notes if note.pitch == 67 and note.start in (11, 20)]
    assert [note.end - note.start for note in tied] == [1, 1]


def test_a_jump_in_abc_is_said() -> None:
    assert any("Jumps" in remark for remark in abc("C | D !D.C.! |]").remarks)
    assert not abc("C | !trill!D |]").remarks


def test_bars_of_a_wrong_length_are_named_with_both_lengths() -> None:
    short = read_abc("X:1\nM:4/4\nL:1/4\nK:C\nCDEF | GAB | cdefg | C4 |]\n")
    (said,) = short.remarks
    assert said == f"{ODD}2 (3/4 instead of 4/4), 3 (5/4 instead of 4/4)."
    assert short.parts[0].notes[7].start == 7
    odd = read_abc("X:1\nM:7/8\nL:1/8\nK:C\nCDEFGAB | C/CDEFGAB | C7 |]\n")
    assert odd.remarks == [f"{ODD}2 (15/16 instead of 7/8)."]
    both = read_abc("X:1\nM:2/4\nL:1/4\nK:C\nV:1\nCD|EF|GA|\nV:Bass\nC2|C|CC|\n")
    assert both.remarks == [
        "Bars of Bass of another length than their metre, played as written: 2 (1/4 instead of 2/4)."
    ]


@pytest.mark.parametrize(
    "body",
    [
        "G | CDEF | GABG | C3 |]",
        "G | CDEF | GAB :: G | CDEF | C3 :|",
        "|: G | CDEF |1 GAB :|2 C3 || CDEF |]",
        "CDEF | Z3 | C4 |]",
        "[M:none] C5 | D | E9 | F |]",
    ],
)
def test_pickups_and_what_they_leave_are_no_wrong_bars(body: str) -> None:
    assert read_abc(f"X:1\nM:4/4\nL:1/4\nK:C\n{body}\n").remarks == []


def test_a_bar_of_musicxml_that_is_too_short_is_named() -> None:
    data = measures("C", "D", "E").decode().replace("<duration>4</duration>", "<duration>3</duration>", 2)
    data = data.replace("<duration>3</duration>", "<duration>4</duration>", 1)
    read = read_musicxml(data.encode())
    assert read.remarks == [
        "Bars of another length than their metre, played as written: 2 (3/4 instead of 4/4)."
    ]
    assert read.parts[0].notes[2].start == Fraction(7)
