"""A chart on the bars of a tempo map: in any metre, through ramps, and said bar by bar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_plugins._theory.chord_chart import read_chord_chart
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.placed_chords import bar_chords, chords_report, chords_sentence, place_chart
from bandmate_protocol.messages import ChordMark, TempoPoint
from bandmate_protocol.tempo import TempoMap, nearest_frame

RATE = 48_000
STEADY = [TempoPoint(position=0.0, bpm=120.0)]
RAMP = [
    TempoPoint(position=0.0, bpm=70.0, shape="linear"),
    TempoPoint(position=20.0 * RATE, bpm=170.0),
]
WALTZ = [TempoPoint(position=0.0, bpm=120.0, numerator=3)]
CHANGING = [
    TempoPoint(position=0.0, bpm=120.0),
    TempoPoint(position=4.0 * RATE, bpm=120.0, numerator=7, denominator=8),
    TempoPoint(position=7.5 * RATE, bpm=120.0, numerator=6, denominator=8),
]


def placed(chart: str, points: list[TempoPoint], start: float, end: float) -> MusicalRange:
    """A range from a second to another with a chart on it."""
    first, last = nearest_frame(start * RATE), nearest_frame(end * RATE)
    music = MusicalRange.from_timeline(TempoMap(points, RATE).timeline_between(first, last))
    return music.with_chords(place_chart(read_chord_chart(chart).letter_bars(None), music))


def places(music: MusicalRange) -> list[tuple[int, float, str]]:
    """Bar, beat and symbol of each mark."""
    found = []
    for mark in music.timeline.chords:
        bar, beat = music.tempo.bar_beat_at(mark.position)
        found.append((bar, round(beat, 2), mark.symbol))
    return found


def test_a_chart_goes_round_until_the_range_ends() -> None:
    music = placed("Am F C G", STEADY, 0, 12)
    symbols = ["Am", "F", "C", "G", "Am", "F"]
    assert places(music) == [(bar, 0.0, symbol) for bar, symbol in enumerate(symbols, 1)]
    assert [mark.position for mark in music.timeline.chords] == [bar * 2 * RATE for bar in range(6)]


def test_marks_lie_on_the_barlines_of_a_ramp() -> None:
    music = placed("Am F C G", RAMP, 0, 18)
    tempo = TempoMap(RAMP, RATE)
    for bar, mark in enumerate(music.timeline.chords, 1):
        assert mark.position == nearest_frame(tempo.position_of(bar))
    gaps = [
        b.position - a.position
        for a, b in zip(music.timeline.chords, music.timeline.chords[1:], strict=False)
    ]
    assert gaps == sorted(gaps, reverse=True)
    assert len(gaps) > 6


def test_two_chords_in_three_four_share_the_bar_on_its_beats() -> None:
    assert places(placed("| Am F | C G E |", WALTZ, 0, 3)) == [
        (1, 0.0, "Am"), (1, 2.0, "F"), (2, 0.0, "C"), (2, 1.0, "G"), (2, 2.0, "E"),
    ]  # fmt: skip


def test_metre_changes_inside_the_range_are_followed() -> None:
    music = placed("| Am F |", CHANGING, 0, 12)
    found = places(music)
    assert found[:4] == [(1, 0.0, "Am"), (1, 2.0, "F"), (2, 0.0, "Am"), (2, 2.0, "F")]
    assert (3, 4.0, "F") in found, "four and three eighths"
    assert (5, 3.0, "F") in found, "on the dotted quarter"


def test_three_chords_in_four_beats_and_more_chords_than_beats() -> None:
    assert [beat for _, beat, _ in places(placed("| Am F C |", STEADY, 0, 2))] == [0.0, 2.0, 3.0]
    crowded = placed("| A B C D E |", STEADY, 0, 2)
    assert [beat for _, beat, _ in places(crowded)] == [0.0, 0.8, 1.6, 2.4, 3.2]


def test_holds_and_repeats_are_no_new_chords() -> None:
    assert places(placed("| Am / / F | % |", STEADY, 0, 4)) == [
        (1, 0.0, "Am"), (1, 3.0, "F"), (2, 0.0, "Am"), (2, 3.0, "F"),
    ]  # fmt: skip
    assert places(placed("Am % %", STEADY, 0, 6)) == [(1, 0.0, "Am")]


def test_a_range_that_starts_inside_a_bar_has_the_chord_of_then() -> None:
    music = placed("| Am F | C |", STEADY, 1.5, 6)
    assert places(music) == [(1, 2.0, "F"), (2, 0.0, "C"), (3, 0.0, "Am"), (3, 2.0, "F")]


def test_what_is_said_counts_as_the_project_does() -> None:
    assert chords_sentence(placed("Am F C G", STEADY, 0, 16)) == "Chords: 1 Am, 2 F, 3 C, 4 G, then again."
    assert chords_sentence(placed("Am F", STEADY, 16, 20)) == "Chords: 9 Am, 10 F."
    assert chords_sentence(placed("| Am F | N.C. |", STEADY, 0, 4)) == "Chords: 1 Am F, 2 N."
    assert chords_report(placed("| Am F | C |", STEADY, 0, 4)) == [
        {"bar": 1, "chords": ["Am", "F"]},
        {"bar": 2, "chords": ["C"]},
    ]


def test_a_long_form_is_cut_short_in_the_sentence_and_whole_in_the_report() -> None:
    roots = [f"{letter}{kind}" for kind in ("", "m", "7", "m7", "maj7", "6") for letter in "ABCDEFG"]
    music = placed(" ".join(roots), STEADY, 0, 2 * len(roots))
    assert chords_sentence(music).endswith("32 Dmaj7, and 10 more bars.")
    assert [one["chords"] for one in chords_report(music)] == [[root] for root in roots]


def test_marks_that_begin_before_the_range_are_held_into_it() -> None:
    timeline = TempoMap(STEADY, RATE).timeline_between(
        2 * RATE,
        6 * RATE,
        chords=[ChordMark(position=0, symbol="Am"), ChordMark(position=5 * RATE, symbol="F")],
    )
    assert bar_chords(MusicalRange.from_timeline(timeline)) == [(2, ("Am",)), (3, ("Am", "F"))]


@given(
    counts=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    metre=st.tuples(st.integers(1, 15), st.sampled_from([2, 4, 8, 16])),
    bpm=st.tuples(st.floats(40, 240), st.floats(40, 240)),
    start=st.floats(0, 30),
    seconds=st.floats(0.2, 20),
)
def test_every_bar_has_its_own_chords_in_any_metre(
    counts: list[int], metre: tuple[int, int], bpm: tuple[float, float], start: float, seconds: float
) -> None:
    points = [
        TempoPoint(position=0.0, bpm=bpm[0], numerator=metre[0], denominator=metre[1], shape="linear"),
        TempoPoint(position=40.0 * RATE, bpm=bpm[1], numerator=metre[0], denominator=metre[1]),
    ]
    names = iter(
        f"{letter}{kind}" for kind in ("", "m", "7", "m7", "maj7", "6", "9", "dim") for letter in "ABCDEFG"
    )
    bars = tuple(tuple(next(names) for _ in range(count)) for count in counts)
    first = nearest_frame(start * RATE)
    timeline = TempoMap(points, RATE).timeline_between(first, first + nearest_frame(seconds * RATE))
    music = MusicalRange.from_timeline(timeline)
    marks = place_chart(bars, music)
    assert [mark.position for mark in marks] == sorted({mark.position for mark in marks})
    assert marks[0].position <= music.start_frame
    assert all(mark.position < music.end_frame for mark in marks)
    expected = {bar.number: bars[number % len(bars)]
                for number, bar in enumerate(music.tempo.bars(music.start_frame, music.end_frame))}  # fmt: skip
    if len(bars) > 1 or len(bars[0]) > 1:
        for mark in marks:
            assert mark.symbol in expected[music.tempo.bar_beat_at(mark.position)[0]]


@pytest.mark.parametrize("seconds", [0.01, 0.3])
def test_a_range_shorter_than_a_beat_has_a_chord(seconds: float) -> None:
    assert places(placed("Am F", STEADY, 0, seconds)) == [(1, 0.0, "Am")]
