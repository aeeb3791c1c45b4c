"""Positions and lengths as people write them."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bandmate_bridge.rpp import Project, end_after, new_project, parse_position
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap, nearest_frame

RATE = 48_000
MAP = TempoMap(
    [
        TempoPoint(position=0.0, bpm=120),
        TempoPoint(position=8.0 * RATE, bpm=120, numerator=7, denominator=8, starts_bar=True),
        TempoPoint(position=15.0 * RATE, bpm=60, numerator=3, denominator=4, shape="linear", starts_bar=True),
        TempoPoint(position=23.0 * RATE, bpm=120, numerator=3, denominator=4),
    ],
    RATE,
)
"""Bars 1 to 4 in 4/4 of 2 s, 5 to 8 in 7/8 of 1.75 s, from bar 9 3/4 speeding up from 60 to 120."""


def seconds(text: str) -> float:
    return parse_position(text, MAP) / RATE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.1", 0),
        ("1", 0),
        ("4.3", 7),
        ("5.1", 8),
        ("5.7", 9.5),
        ("5.7.50", 9.625),
        ("5.7.05", 9.5125),
        ("1.2.500", 0.75),
        ("9.1", 15),
        ("13.1", 23),
        (" 12.5s ", 12.5),
        (".5s", 0.5),
        ("3 sec", 3),
        ("12 seconds", 12),
        ("1:02.5", 62.5),
        ("0:05", 5),
        ("480000smp", 10),
        ("480000 samples", 10),
    ],
)
def test_positions(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected, abs=1 / RATE)


@pytest.mark.parametrize(
    "text",
    ["", "x", "9.", "9,1", "nan", "1e3s", "-s", "9.1.", "1.1.1.1", "s", "0x10", "1:99", "\u0669", "9.1\n9"],
)
def test_what_is_no_position_is_told_what_would_be(text: str) -> None:
    with pytest.raises(RequestError, match="is not a position") as caught:
        seconds(text)
    assert caught.value.code is ErrorCode.BAD_POSITION
    for form in ("9.1", "12.5s", "480000smp"):
        assert form in caught.value.remedy


def test_a_decimal_number_is_bars_and_beats_and_not_seconds() -> None:
    assert seconds("12.3") > seconds("12.3s")
    with pytest.raises(RequestError, match=r"asks for beat 5, but bar 12 is in 3/4"):
        seconds("12.5")


@pytest.mark.parametrize(
    ("text", "sentence", "remedy"),
    [
        ("4.5", "'4.5' asks for beat 5, but bar 4 is in 4/4.", "Its beats are 4.1 to 4.4."),
        ("5.8", "'5.8' asks for beat 8, but bar 5 is in 7/8.", "Its beats are 5.1 to 5.7."),
        ("4.0", "'4.0' asks for beat 0, but bar 4 is in 4/4.", "Its beats are 4.1 to 4.4."),
        ("0.1", "'0.1' is before the start of the project.", "Its first bar is 1."),
        ("-1s", "'-1s' is before the start of the project.", "It starts at 0s, in bar 1."),
        ("-5smp", "'-5smp' is before the start of the project.", "It starts at 0s, in bar 1."),
        (
            "9.1.5",
            "'9.1.5' is ambiguous.",
            "Hundredths of a beat have two digits: 9.1.05 or 9.1.50.",
        ),
    ],
)
def test_a_position_that_is_not_there(text: str, sentence: str, remedy: str) -> None:
    with pytest.raises(RequestError) as caught:
        seconds(text)
    assert (caught.value.code, caught.value.sentence) == (ErrorCode.BAD_POSITION, sentence)
    assert caught.value.remedy == remedy


def test_a_bar_that_is_cut_short_has_fewer_beats() -> None:
    cut = TempoMap(
        [
            TempoPoint(position=0.0, bpm=120),
            TempoPoint(position=3.0 * RATE, bpm=120, numerator=3, starts_bar=True),
        ],
        RATE,
    )
    assert parse_position("2.2", cut) == 2.5 * RATE
    with pytest.raises(RequestError, match="bar 2 is in 4/4, cut short to 2"):
        parse_position("2.3", cut)


def test_a_position_far_outside_is_refused() -> None:
    for text in ("99999999", "480000000000000smp", "90000s"):
        with pytest.raises(RequestError, match="over 24 hours") as caught:
            seconds(text)
        assert caught.value.code is ErrorCode.BAD_POSITION


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("1.1", {"bars": 4}, 8),
        ("1.1", {"bars": 8}, 15),
        ("5.1", {"bars": 4}, 15),
        ("9.1", {"bars": 4}, 23),
        ("9.1", {"bars": 5}, 24.5),
        ("1.3", {"bars": 1}, 3),
        ("4.3", {"bars": 1}, 8.875),
        ("5.1", {"bars": 0.5}, 8.875),
        ("1.1", {"beats": 6}, 3),
        ("4.3", {"beats": 4}, 8.5),
        ("5.1", {"beats": 7}, 9.75),
        ("9.1", {"beats": 5}, 19),
        ("1.1", {"beats": 0.5}, 0.25),
        ("1.1", {"seconds": 2.5}, 2.5),
        ("3s", {"seconds": 1e-4}, 3.0001),
    ],
)
def test_lengths(start: str, length: dict[str, float], expected: float) -> None:
    end = end_after(parse_position(start, MAP), MAP, **length)
    assert end / RATE == pytest.approx(expected, abs=1 / RATE)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), 1e-9])
@pytest.mark.parametrize("unit", ["bars", "beats", "seconds"])
def test_an_empty_range_is_refused(unit: str, value: float) -> None:
    with pytest.raises(RequestError, match=r"is not a range|range is empty") as caught:
        end_after(0, MAP, **{unit: value})
    assert caught.value.code is ErrorCode.BAD_POSITION
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("unit", "value"), [("bars", 8e4), ("beats", 86_400.0 * 3), ("seconds", 1e9), ("bars", 1e300)]
)
def test_a_range_over_a_day_is_refused(unit: str, value: float) -> None:
    with pytest.raises(RequestError, match="too long"):
        end_after(0, MAP, **{unit: value})


def test_a_range_over_the_servers_limit_is_refused() -> None:
    assert end_after(0, MAP, seconds=10, limit_frames=10 * RATE) == 10 * RATE
    with pytest.raises(RequestError, match=r"A range of 10\.5 seconds is too long") as caught:
        end_after(0, MAP, seconds=10.5, limit_frames=10 * RATE)
    assert "longest range is 10 seconds" in caught.value.remedy


@pytest.mark.parametrize("lengths", [{}, {"bars": 1, "beats": 1}, {"bars": 1, "seconds": 2}])
def test_a_range_has_exactly_one_length(lengths: dict[str, float]) -> None:
    with pytest.raises(RequestError, match="length") as caught:
        end_after(0, MAP, **lengths)
    assert caught.value.code is ErrorCode.BAD_POSITION


@given(st.integers(1, 60), st.integers(1, 60))
def test_neighbouring_ranges_meet_and_cover(first: int, bars: int) -> None:
    start = parse_position(f"{first}.1", MAP)
    middle = end_after(start, MAP, bars=bars)
    assert middle == parse_position(f"{first + bars}.1", MAP) == nearest_frame(MAP.position_of(first + bars))
    assert end_after(middle, MAP, bars=bars) == parse_position(f"{first + 2 * bars}.1", MAP)


@given(
    st.floats(40, 220),
    st.sampled_from([44_100, 48_000]),
    st.integers(1, 200),
    st.integers(1, 4),
    st.integers(1, 32),
    st.booleans(),
)
@example(105.06437706028683, 44_100, 60, 1, 3, True)
def test_ends_are_rounded_from_absolute_time_and_not_from_the_rounded_start(
    bpm: float, rate: int, bar: int, beat: int, length: int, linear: bool
) -> None:
    points = [
        TempoPoint(position=0.0, bpm=bpm, shape="linear" if linear else "square"),
        TempoPoint(position=100.0 * rate, bpm=bpm / 2 + 30),
    ]
    found = TempoMap(points, rate)
    start = parse_position(f"{bar}.{beat}", found)
    later = nearest_frame(found.position_of(bar, beat - 1 + length))
    assert end_after(start, found, beats=length) == later
    assert end_after(start, found, bars=length) == nearest_frame(found.position_of(bar + length, beat - 1))
    project = new_project("new.rpp", sample_rate=rate, tempo=points)
    assert project.range(f"{bar}.{beat}", beats=length).end_frame == later
    between = f"{bar}.{beat}.37"
    fine = project.range(between, beats=length)
    assert fine.start_frame == nearest_frame(found.position_of(bar, beat - 1 + 0.37))
    end = found.position_of(bar, beat - 1 + 0.37 + length)
    # Between beats a tie may round either way.
    assert fine.end_frame in (nearest_frame(end - 1e-6), nearest_frame(end + 1e-6))


@given(st.integers(0, 60 * RATE), st.floats(0.1, 100))
def test_beats_counted_to_an_end_are_counted_from_there(start: int, beats: float) -> None:
    end = end_after(start, MAP, beats=beats)
    counted, at = 0.0, float(start)
    for bar in MAP.bars(start, end):
        until = min(bar.end, end)
        counted += (MAP.quarters_at(until) - MAP.quarters_at(at)) * bar.denominator / 4
        at = until
    assert counted == pytest.approx(beats, abs=1e-3)


def test_a_range_of_a_project(song: Path) -> None:
    timeline = Project.load(song).range("2.1", bars=2, key="A minor", context_before_frames=10**9)
    assert (timeline.start_frame, timeline.end_frame) == (2 * 44_100, 6 * 44_100)
    assert (timeline.bar, timeline.beat, timeline.key) == (2, 0, "A minor")
    assert timeline.context_before_frames == 2 * 44_100


def test_a_range_to_an_end(song: Path) -> None:
    timeline = Project.load(song).range("2.1", end="4.1")
    assert (timeline.start_frame, timeline.end_frame) == (2 * 44_100, 6 * 44_100)
    for start, end in (("4.1", "2.1"), ("2.1", "2.1")):
        with pytest.raises(RequestError, match="range is empty"):
            Project.load(song).range(start, end=end)
    with pytest.raises(RequestError, match="A range has either an end or a length"):
        Project.load(song).range("2.1", end="4.1", bars=2)


def test_without_a_position_the_time_selection_counts(song: Path) -> None:
    timeline = Project.load(song).range()
    assert (timeline.start_frame, timeline.end_frame) == (4 * 44_100, 8 * 44_100)
    with pytest.raises(RequestError, match="has no time selection") as caught:
        new_project("new.rpp").range()
    assert caught.value.code is ErrorCode.BAD_POSITION
    with pytest.raises(RequestError, match="No start position given"):
        Project.load(song).range(bars=2)


def test_bars_before_one_exist_where_the_ruler_shows_them(song: Path) -> None:
    song.write_text(song.read_text().replace("PROJOFFS 0 0 0", "PROJOFFS 0 -2 0"))
    project = Project.load(song)
    assert project.position("-1.1") == 0
    assert project.position("1.1") == 4 * 44_100
    with pytest.raises(RequestError, match="before the start"):
        project.position("-2.1")
