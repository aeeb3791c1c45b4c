"""Chord charts: every form that is promised is read, and what cannot be read is named."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_plugins._theory.chart_bars import MAX_BARS, ChartBar
from bandmate_plugins._theory.chord_chart import read_chord_chart
from bandmate_plugins._theory.chord_qualities import QUALITIES, read_quality
from bandmate_plugins._theory.chords import parse_chord, read_chord
from bandmate_plugins._theory.ireal_links import unscramble_chords
from bandmate_plugins._theory.keys import parse_key
from bandmate_protocol.errors import ErrorCode, RequestError


def bars(chart: str, key: str | None = None) -> list[str]:
    """The bars of a chart in letters, `.` for a share that goes on with the chord before."""
    read = read_chord_chart(chart).letter_bars(parse_key(key) if key else None)
    return [" ".join(symbol or "." for symbol in bar) for bar in read]


@pytest.mark.parametrize(
    ("chart", "expected"),
    [
        ("Am F C G", ["Am", "F", "C", "G"]),
        ("Am, F, C, G", ["Am", "F", "C", "G"]),
        ("Am - F - C - G", ["Am", "F", "C", "G"]),
        ("Am-F-C-G", ["Am", "F", "C", "G"]),
        ("Am → F -> C", ["Am", "F", "C"]),
        ("am f c g/b", ["Am", "F", "C", "G/B"]),
        ("| Am | F G | C |", ["Am", "F G", "C"]),
        ("Am F C G | Am F E7 x2", ["Am", "F", "C", "G", "Am", "F", "E7", "E7"]),
        ("Am F C G | Dm G C", ["Am", "F", "C", "G", "Dm", "G", "C"]),
        ("Am F C G | Dm G C Am x2", ["Am", "F", "C", "G", *(["Dm", "G", "C", "Am"] * 2)]),
        ("| Am F C G | Am F E7 | x2", ["Am F C G", "Am F E7"] * 2),
        ("Am F C | Dm G", ["Am F C", "Dm G"]),
        ("Am F x2", ["Am", "F"] * 2),
        ("Am F \u00d72", ["Am", "F"] * 2),
        ("Am F 2x", ["Am", "F"] * 2),
        ("Am F x2 C G x2", ["Am", "F", "Am", "F", "C", "G", "C", "G"]),
        ("Am F x2\nC G", ["Am", "F", "Am", "F", "C", "G"]),
        ("Am F\nC G x2", ["Am", "F", "C", "G", "C", "G"]),
        ("Am F\nx2\nC", ["Am", "F", "Am", "F", "C"]),
        ("(Am F) x2 C", ["Am", "F", "Am", "F", "C"]),
        ("((Am F) x2 C) x2", ["Am", "F", "Am", "F", "C"] * 2),
        ("(Am F) C x2", ["Am", "F", "C"] * 2),
        ("| Am | % | % |", ["Am"] * 3),
        ("Am % F", ["Am", "Am", "F"]),
        ("| Am F | % |", ["Am F", "Am F"]),
        ("| Am % F % |", ["Am . F ."]),
        ("| Am / / F |", ["Am . . F"]),
        ("| Am . . F |", ["Am . . F"]),
        ("| Am | | F |", ["Am", "Am", "F"]),
        ("| Am || F |", ["Am", "F"]),
        ("|: Am | F :|", ["Am", "F"] * 2),
        ("|: Am | F :| x4 C", ["Am", "F"] * 4 + ["C"]),
        ("Am | F :| C", ["Am", "F"] * 2 + ["C"]),
        ("N.C. Am NC n.c.", ["N", "Am", "N", "N"]),
        ("C♯m7 B♭maj7 F♯", ["C#m7", "Bbmaj7", "F#"]),
        ("C7(b9, #11) Am(add9)", ["C7(b9#11)", "Am(add9)"]),
        ("Verse 1: Am F\nChorus: C G", ["Am", "F", "C", "G"]),
        ("[Verse]\nAm F\n[A]\nC G", ["Am", "F", "C", "G"]),
    ],
)
def test_plain_charts(chart: str, expected: list[str]) -> None:
    assert bars(chart) == expected


@pytest.mark.parametrize(
    ("chart", "key", "expected"),
    [
        ("1 4 5 6-", "C", ["C", "F", "G", "A-"]),
        ("1 5 6 4", "G", ["G", "D", "Em", "C"]),
        ("1 b7 4/6 57", "D", ["D", "C", "G/B", "A7"]),
        ("1 6 3 7", "A minor", ["Am", "F", "C", "G"]),
        ("1- b6 b3 b7", "A minor", ["A-", "F", "C", "G"]),
        ("I V vi IV", "D", ["D", "A", "Bm", "G"]),
        ("I-V-vi-IV", "D", ["D", "A", "Bm", "G"]),
        ("ii7 V7 Imaj7 I/3", "Bb", ["Cm7", "F7", "Bbmaj7", "Bb/D"]),
        ("V7/V V7 vii° iiø7", "C", ["D7", "G7", "B°", "Dø7"]),
        ("i VI III VII", "A minor", ["Am", "F", "C", "G"]),
        ("i bVII bVI V7", "A minor", ["Am", "G", "F", "E7"]),
        ("| ii7 V7 | Imaj7 |", "F", ["Gm7 C7", "Fmaj7"]),
    ],
)
def test_degrees_of_a_key(chart: str, key: str, expected: list[str]) -> None:
    assert bars(chart, key) == expected


@pytest.mark.parametrize(
    ("symbol", "tones"),
    [
        ("C", "0 4 7"),
        ("Cm", "0 3 7"),
        ("C-", "0 3 7"),
        ("Csus", "0 5 7"),
        ("Csus2", "0 2 7"),
        ("C4", "0 5 7"),
        ("Cdim", "0 3 6"),
        ("C°7", "0 3 6 9"),
        ("C+", "0 4 8"),
        ("Caug7", "0 4 8 10"),
        ("C+9", "0 4 8 10 14"),
        ("Cø", "0 3 6 10"),
        ("Ch7", "0 3 6 10"),
        ("Cø9", "0 3 6 10 14"),
        ("CΔ9", "0 4 7 11 14"),
        ("C^7", "0 4 7 11"),
        ("C^", "0 4 7 11"),
        ("Cmaj7#11", "0 4 7 11 18"),
        ("Cmaj7#5", "0 4 8 11"),
        ("Cm(maj7)", "0 3 7 11"),
        ("C-^7", "0 3 7 11"),
        ("CmMaj9", "0 3 7 11 14"),
        ("C7b9", "0 4 7 10 13"),
        ("C7-9", "0 4 7 10 13"),
        ("C7+5", "0 4 8 10"),
        ("C7(b9)", "0 4 7 10 13"),
        ("C7b9b13", "0 4 7 10 13 20"),
        ("C7#9b13", "0 4 7 10 15 20"),
        ("C7#11", "0 4 7 10 18"),
        ("C9#11", "0 4 7 10 14 18"),
        ("C13b9", "0 4 10 13 21"),
        ("C7alt", "0 4 8 10 15"),
        ("C7sus4b9", "0 5 7 10 13"),
        ("C13sus", "0 5 10 14 21"),
        ("Cadd9", "0 4 7 14"),
        ("Cadd#11", "0 4 7 18"),
        ("Cm7add11", "0 3 7 10 17"),
        ("C6/9", "0 4 7 9 14"),
        ("Cm69", "0 3 7 9 14"),
        ("Cmb6", "0 3 7 8"),
        ("Cm7b5", "0 3 6 10"),
        ("Cm9b5", "0 3 6 10 14"),
        ("C(b5)", "0 4 6"),
        ("C5", "0 7"),
        ("C7no3", "0 7 10"),
        ("C7omit5", "0 4 10"),
    ],
)
def test_endings_of_symbols(symbol: str, tones: str) -> None:
    chord = read_chord(symbol)
    assert chord is not None
    assert " ".join(map(str, chord.intervals)) == tones
    assert (chord.root, chord.bass) == (0, 0)


def test_a_bass_after_a_slash_is_read_after_any_ending() -> None:
    for symbol in ("C/E", "C7(b9)/E", "C6/9/E", "C:maj7/E"):
        chord = read_chord(symbol)
        assert chord is not None
        assert (chord.root, chord.bass) == (0, 4)


def test_what_was_known_before_keeps_its_tones() -> None:
    for ending, tones in QUALITIES.items():
        assert read_quality(ending) == tones


CHORD_PRO = """{title: A song}
{key: G}
# [Am] is no chord of it
{comment: softly}
[G]One and [D/F#]two [*rit.]and
{soc}
[Em]la [C]la
{eoc}
[N.C.]stop
{chorus}
{sot}
e|--[3]--
{eot}
{start_of_grid}
A | G . D . | % |.
{end_of_grid}
"""


def test_chord_pro_with_choruses_grids_and_no_tablature() -> None:
    expected = ["G", "D/F#", "Em", "C", "N", "Em", "C", "G . D .", "G . D ."]
    assert bars(CHORD_PRO) == expected
    assert read_chord_chart(CHORD_PRO).key == "G"


def test_chord_pro_with_a_capo_gives_the_chords_that_sound() -> None:
    chart = read_chord_chart("{key: G}\n{capo: 2}\n[G]One [D/F#]two [Em7]three")
    assert bars("{key: G}\n{capo: 2}\n[G]One [D/F#]two [Em7]three") == ["A", "E/Ab", "F#m7"]
    assert chart.key == "A"


def test_an_irealbook_link_with_endings() -> None:
    chords = "T44*A{C^7 |A-7 D-9 |N1G7#5 }|N2 Ch7/Gb | x |n Z"
    link = "irealbook://" + quote(f"A title=Last First=Swing=A-=n={chords}")
    expected = ["C^7", "A-7 D-9", "G7#5", "C^7", "A-7 D-9", "Ch7/Gb", "Ch7/Gb", "N"]
    assert bars(link) == expected
    assert read_chord_chart(link).key == "A minor"


def test_an_exported_irealb_link_is_put_in_order() -> None:
    chords = "*A{T44D- |Eh7 A7b9|G-7 C7|F^7 LZEh7 A7b9LZD-XyQKcl  |A7b9 }*B[F^7 |G-7 C7|F^7 |Eh7 A7b9 Z"
    assert len(chords) > 80
    scrambled = unscramble_chords(chords)
    assert scrambled != chords
    link = "irealb://" + quote(f"A title=Last First==Medium Swing=D-==1r34LbKcu7{scrambled}==0=0===Next=")
    repeated = ["D-", "Eh7 A7b9", "G-7 C7", "F^7", "Eh7 A7b9", "D-", "D-", "A7b9"]
    assert bars(link) == repeated * 2 + ["F^7", "G-7 C7", "F^7", "Eh7 A7b9"]
    assert read_chord_chart(link).key == "D minor"


@given(st.text(alphabet="ABCDEFG^-7|{}[] x", max_size=230))
def test_the_order_of_an_exported_link_is_its_own_inverse(text: str) -> None:
    assert unscramble_chords(unscramble_chords(text)) == text


@pytest.mark.parametrize(
    ("chart", "named", "remedy"),
    [
        ("Am Hm C", "'Hm' in bar 2", "German H is B"),
        ("Am F Gxyz", "'Gxyz' in bar 3", "G can be read"),
        ("Am | F Amm7 | C", "'Amm7' in bar 2", "Am can be read"),
        ("[Am]one [Q]two", "'Q' in bar 2", "F#m7"),
        ("Am (F C", "opens (", "Add )"),
        ("|: Am F", "opens |:", "Add :|"),
        ("Am F) C", ") closes nothing", "("),
        ("x2 Am", "x2 has no chords before it", "first"),
        ("% Am", "%", "chord first"),
        ("Am / / /", "share of a bar", "| Am / / F |"),
        ("Am F x0", "x0", "x2"),
        ("", "no chords", "Am F C G"),
        ("N.C. N.C.", "no chords", "Am F C G"),
        ("(((Am) x999) x999) x999", "more than 4096 bars", "Shorten"),
        ("Am " * 7000, "too long", "20000"),
        ("irealb://abc", "incomplete", "title"),
        ("irealbook://abc", "incomplete", "title"),
        ("hello world", "'hello' in bar 1", "Am"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_would_have_worked(
    chart: str, named: str, remedy: str
) -> None:
    with pytest.raises(RequestError) as raised:
        read_chord_chart(chart)
    assert raised.value.code == ErrorCode.BAD_PARAMS
    assert named in raised.value.sentence
    assert remedy in raised.value.remedy


def test_degrees_without_a_key_ask_for_one() -> None:
    chart = read_chord_chart("1 4 5")
    assert chart.needs_key
    with pytest.raises(RequestError) as raised:
        chart.letter_bars(None)
    assert "--key" in raised.value.remedy


ENDINGS = [*QUALITIES, "7#11", "maj7#11", "13(b9)", "ø7", "°7", "7alt", "6/9", "m9b5", "add11", "sus2"]
SYMBOLS = st.builds(
    lambda root, accidental, ending, bass: root + accidental + ending + bass,
    st.sampled_from("ABCDEFG"),
    st.sampled_from(["", "#", "b"]),
    st.sampled_from(ENDINGS),
    st.sampled_from(["", "/E", "/Bb", "/F#"]),
)
BARS = st.lists(st.lists(SYMBOLS | st.just("N"), min_size=1, max_size=4), min_size=1, max_size=12)


@given(BARS.filter(lambda bars: any(symbol != "N" for bar in bars for symbol in bar)), st.integers(1, 4))
def test_any_chart_of_known_chords_reads_back(written: list[list[str]], times: int) -> None:
    text = f"( {' | '.join(' '.join(bar) for bar in written)} | ) x{times}"
    expected: tuple[ChartBar, ...] = tuple(tuple(bar) for bar in written) * times
    assert read_chord_chart(text).letter_bars(None) == expected
    for bar in written:
        for symbol in bar:
            assert (read_chord(symbol) is None) == (symbol == "N")
            assert read_chord(symbol) == parse_chord(symbol)


def readable(text: str) -> tuple[bool, RequestError | None]:
    """Whether a text is a chart, else why not."""
    try:
        read_chord_chart(text)
    except RequestError as error:
        return False, error
    return True, None


@given(st.text(alphabet="ABCDEFGabm#7/|%x2():. -{}[]\nNIVi1456*=", max_size=60))
def test_any_text_is_a_chart_or_an_error_with_a_remedy(text: str) -> None:
    good, why = readable(text)
    if good:
        chart = read_chord_chart(text)
        assert 1 <= len(chart.bars) <= MAX_BARS
        assert all(bar for bar in chart.letter_bars(parse_key("A minor")))
    else:
        assert why is not None
        assert why.code == ErrorCode.BAD_PARAMS
        assert why.sentence
        assert why.remedy
