"""The tempo map against the slow exact one, and ranges of a map against the whole."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bandmate_protocol.codec import CLIENT_FRAMES, encode
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, Submit, TempoPoint, Timeline
from bandmate_protocol.tempo import MOST_POINTS, TempoMap, check_timeline, whole
from tests.protocol.exact_tempo import ExactMap, bpms, metres, rates, tempo_maps
from tests.protocol.strategies import examples

Drawn = tuple[list[TempoPoint], int]
CLOSE = 1e-4
"""Frames by which floats may miss."""
shares = st.floats(0, 1)


def point(position: float, bpm: float = 120.0, **changes: object) -> TempoPoint:
    return TempoPoint(**{"position": position, "bpm": bpm} | changes)


def length_of(drawn: Drawn) -> float:
    points, rate = drawn
    return points[-1].position + 10 * rate


class TestQuarters:
    @given(tempo_maps(), st.floats(-0.2, 1.2))
    def test_quarters_are_the_tempo_summed_over_time(self, drawn: Drawn, share: float) -> None:
        position = share * length_of(drawn)
        exact = ExactMap(*drawn).quarters_at(position)
        assert abs(TempoMap(*drawn).quarters_at(position) - exact) < 1e-10 * (1 + abs(exact))

    @given(tempo_maps(), st.floats(-0.2, 1.2))
    def test_positions_and_quarters_invert_each_other(self, drawn: Drawn, share: float) -> None:
        tempo = TempoMap(*drawn)
        position = share * length_of(drawn)
        quarters = tempo.quarters_at(position)
        assert abs(tempo.position_at(quarters) - position) < CLOSE
        assert abs(tempo.quarters_at(tempo.position_at(quarters)) - quarters) < 1e-9

    @given(tempo_maps(), shares, shares)
    def test_time_never_runs_backwards(self, drawn: Drawn, one: float, other: float) -> None:
        tempo = TempoMap(*drawn)
        low, high = sorted(share * length_of(drawn) for share in (one, other))
        assume(high - low > 1e-3)
        assert tempo.quarters_at(low) < tempo.quarters_at(high)

    @given(tempo_maps(), shares)
    def test_the_tempo_is_the_rate_of_quarters(self, drawn: Drawn, share: float) -> None:
        position = share * length_of(drawn)
        exact = ExactMap(*drawn).bpm_at(Fraction(position))
        assert abs(TempoMap(*drawn).bpm_at(position) - exact) < 1e-6

    def test_a_ramp_takes_the_mean_of_its_tempos(self) -> None:
        tempo = TempoMap([point(0, 60, shape="linear"), point(480_000, 180)], 48_000)
        assert tempo.quarters_at(480_000) == pytest.approx(10 * 120 / 60, abs=1e-12)
        # Half the time is not half the beats.
        assert tempo.quarters_at(240_000) == pytest.approx(5 * 90 / 60, abs=1e-12)
        assert tempo.position_at(7.5) == pytest.approx(240_000, abs=CLOSE)
        assert tempo.bpm_at(240_000) == 120

    def test_points_a_breath_apart_are_no_trouble(self) -> None:
        points = [
            point(0, 60, shape="linear"),
            point(5e-324, 960, shape="linear"),
            point(1e-300, 20),
            point(1, 60),
        ]
        tempo = TempoMap(points, 48_000)
        for position in (0.0, 5e-324, 1e-300, 0.5, 1.0, 48_000.0):
            assert tempo.position_at(tempo.quarters_at(position)) == pytest.approx(position, abs=CLOSE)

    @given(rates, st.floats(1, 2_000), st.floats(1, 2_000), st.floats(1, 1e9))
    def test_the_steepest_ramps_invert(self, rate: int, start: float, end: float, frames: float) -> None:
        tempo = TempoMap([point(0, start, shape="linear"), point(frames, end)], rate)
        for share in (0.0, 1e-9, 0.3, 0.999, 1.0, 1.5):
            position = share * frames
            assert tempo.position_at(tempo.quarters_at(position)) == pytest.approx(
                position, rel=1e-9, abs=CLOSE
            )


class TestBars:
    @given(tempo_maps())
    @examples(60)
    def test_bars_are_laid_down_one_after_another(self, drawn: Drawn) -> None:
        exact, tempo = ExactMap(*drawn), TempoMap(*drawn)
        for bar in exact.bars(40):
            start = tempo.position_of(bar.number)
            assert abs(exact.quarters_at(start) - bar.start) < 1e-6
            assert tempo.metre_at(start) == (bar.numerator, bar.denominator)
            number, beat = tempo.place(whole(start))
            assert number == bar.number
            assert beat * 4 / bar.denominator < tempo.bpm_at(start) / 60 / tempo.sample_rate + 1e-6

    @given(tempo_maps())
    @examples(60)
    def test_beats_are_even_within_a_bar_and_end_with_it(self, drawn: Drawn) -> None:
        exact, tempo = ExactMap(*drawn), TempoMap(*drawn)
        bars = exact.bars(20)
        expected = [
            (bar.number, index, bar.start + Fraction(4 * index, bar.denominator))
            for bar in bars
            for index in range(bar.numerator)
            if bar.start + Fraction(4 * index, bar.denominator) < bar.end - Fraction(1, 400)
        ]
        end = tempo.position_of(21)
        beats = list(tempo.beats(0, end))
        assert [(beat.bar, beat.index) for beat in beats] == [
            (number, index) for number, index, _ in expected
        ]
        for beat, (_, _, quarters) in zip(beats, expected, strict=True):
            assert abs(exact.quarters_at(beat.position) - quarters) < 1e-6

    @given(tempo_maps())
    def test_bars_meet(self, drawn: Drawn) -> None:
        bars = list(TempoMap(*drawn).bars(0, length_of(drawn)))
        for before, after in pairwise(bars):
            assert before.end == after.start
            assert before.number + 1 == after.number
            assert before.start < before.end

    def test_a_cut_bar_is_a_bar(self) -> None:
        second = 48_000
        tempo = TempoMap([point(0), point(3 * second, numerator=3, starts_bar=True)], second)
        bars = [(bar.number, bar.start, bar.end, bar.numerator) for bar in tempo.bars(0, 6 * second)]
        assert bars == [
            (1, 0, 2 * second, 4),
            (2, 2 * second, 3 * second, 4),
            (3, 3 * second, 4.5 * second, 3),
            (4, 4.5 * second, 6 * second, 3),
        ]
        assert [beat.index for beat in tempo.beats(2 * second, 4.5 * second)] == [0, 1, 0, 1, 2]

    def test_positions_before_the_anchor_count_backwards(self) -> None:
        tempo = TempoMap([point(0)], 48_000, anchor=96_000, bar=1)
        assert tempo.place(0) == (0, 0.0)
        assert tempo.position_of(-1) == -96_000
        assert [bar.number for bar in tempo.bars(0, 192_000)] == [0, 1]

    def test_an_anchor_within_a_bar(self) -> None:
        tempo = TempoMap([point(0)], 48_000, anchor=48_000, bar=9, beat=2.5)
        assert tempo.place(48_000) == (9, 2.5)
        assert tempo.position_of(9) == 48_000 - 2.5 * 24_000

    def test_a_range_of_a_frame_has_its_beat(self) -> None:
        tempo = TempoMap([point(0)], 48_000)
        assert [beat.index for beat in tempo.beats(24_000, 24_001)] == [1]
        assert [bar.number for bar in tempo.bars(24_000, 24_001)] == [1]


class TestRounding:
    def test_halves_go_up_whatever_the_sign(self) -> None:
        assert [whole(value) for value in (0.5, 1.5, -0.5, -1.5, 0.49, -0.51)] == [1, 2, 0, -1, 0, -1]

    def test_a_half_that_lost_its_last_digits_is_still_a_half(self) -> None:
        assert whole(1e9 + 0.5 - 1e-6) == 10**9 + 1

    @given(rates, bpms, metres, st.integers(1, 400_000))
    def test_hours_on_a_barline_is_where_it_belongs(
        self, rate: int, bpm: float, metre: tuple[int, int], bar: int
    ) -> None:
        tempo = TempoMap([point(0, bpm, numerator=metre[0], denominator=metre[1])], rate)
        frames = (bar - 1) * Fraction(metre[0] * 4, metre[1]) * 60 * rate / Fraction(bpm)
        assume(frames < 12 * 3_600 * rate)
        near_half = abs((frames - floor(frames)) - Fraction(1, 2)) < Fraction(2, 1_000)
        assume(not near_half or frames.denominator == 2)
        assert whole(tempo.position_of(bar)) == floor(frames + Fraction(1, 2))


class TestRanges:
    @given(tempo_maps(), shares, shares)
    @examples(200)
    def test_a_range_agrees_with_the_whole_everywhere_inside(
        self, drawn: Drawn, one: float, other: float
    ) -> None:
        low, high = sorted(int(share * length_of(drawn)) for share in (one, other))
        agree(TempoMap(*drawn), low, high + 1)

    @given(tempo_maps(), st.integers(1, 30), st.integers(1, 10))
    @examples(200)
    def test_a_range_from_barline_to_barline_agrees(self, drawn: Drawn, first: int, count: int) -> None:
        tempo = TempoMap(*drawn)
        low, high = whole(tempo.position_of(first)), whole(tempo.position_of(first + count))
        agree(tempo, low, high)
        inside = TempoMap.of(tempo.timeline(low, high))
        assert [bar.number for bar in inside.bars(low, high)] == list(range(first, first + count))

    @given(tempo_maps(), shares, shares, shares)
    def test_a_range_of_a_range_agrees(self, drawn: Drawn, one: float, other: float, share: float) -> None:
        low, high = sorted(int(share * length_of(drawn)) for share in (one, other))
        inner = TempoMap.of(tempo_line(TempoMap(*drawn), low, high + 1))
        agree(inner, low + int((high - low) * share), high + 1)

    @given(tempo_maps(), st.integers(0, 10_000_000), st.integers(-3, 50), st.floats(0, 0.9))
    def test_a_range_before_or_after_the_anchor_agrees(
        self, drawn: Drawn, anchor: int, bar: int, beat: float
    ) -> None:
        points, rate = drawn
        tempo = TempoMap(points, rate, anchor=float(anchor), bar=bar, beat=beat)
        low = int(length_of(drawn) / 3)
        agree(tempo, low, low + 4 * rate)

    def test_what_lies_before_the_first_point_has_its_tempo_not_its_ramp(self) -> None:
        tempo = TempoMap([point(48_000, 60, shape="linear"), point(96_000, 120)], 48_000)
        agree(tempo, 0, 120_000)

    def test_a_range_takes_the_chords_that_come_before_its_end(self) -> None:
        chords = [ChordMark(position=at, symbol="Am") for at in (0, 100, 199, 200)]
        line = TempoMap([point(0)], 48_000).timeline(
            100, 200, key="A minor", chords=chords, context_before_frames=7
        )
        assert (line.chords, line.key, line.context_before_frames) == (tuple(chords[:3]), "A minor", 7)
        assert (line.frames, line.seconds) == (100, 100 / 48_000)


def tempo_line(tempo: TempoMap, low: int, high: int) -> Timeline:
    """The timeline of a range after a trip over the wire."""
    line = tempo.timeline(low, high)
    check_timeline(line)
    message = CLIENT_FRAMES.decode(encode(Submit(request="r", task="generate", timeline=line)))
    assert isinstance(message, Submit)
    assert message.timeline == line
    return message.timeline


def agree(tempo: TempoMap, low: int, high: int) -> None:
    inside = TempoMap.of(tempo_line(tempo, low, high))
    for share in (0, 0.1, 0.25, 0.5, 0.777, 1):
        position = low + int((high - 1 - low) * share)
        (bar, beat), (same_bar, same_beat) = tempo.place(position), inside.place(position)
        assert (bar, beat) == (same_bar, pytest.approx(same_beat, abs=1e-6))
        assert inside.metre_at(position) == tempo.metre_at(position)
        assert inside.bpm_at(position) == pytest.approx(tempo.bpm_at(position), rel=1e-12)
        passed = tempo.quarters_at(position) - tempo.quarters_at(low)
        assert inside.quarters_at(position) - inside.quarters_at(low) == pytest.approx(passed, abs=1e-9)
    span = min(high, low + 40 * tempo.sample_rate)
    assert marks(inside, low, span) == marks(tempo, low, span)


def marks(tempo: TempoMap, low: int, high: int) -> list[tuple[int, int, int]]:
    return [(beat.bar, beat.index, whole(beat.position)) for beat in tempo.beats(low, high)]


class TestLongMaps:
    def test_hours_at_192_khz_with_every_point_a_timeline_holds(
        self, loops: Callable[[int, int], int]
    ) -> None:
        rate, hours = 192_000, 3
        step = hours * 3_600 * rate / MOST_POINTS
        points = [
            point(
                index * step,
                20 + (index * 7_919) % 941,
                numerator=1 + index % 31,
                denominator=2 ** (index % 5),
                shape="linear" if index % 3 else "square",
            )
            for index in range(MOST_POINTS)
        ]
        tempo = TempoMap(points, rate)
        bars = list(tempo.bars(0, hours * 3_600 * rate))
        assert len(bars) > MOST_POINTS
        assert all(before.end == after.start for before, after in pairwise(bars))
        exact = ExactMap(points[-3:], rate)
        for bar in bars[-loops(50, 2_000) :]:
            if bar.start > points[-3].position:
                passed = tempo.quarters_at(bar.start) - tempo.quarters_at(points[-3].position)
                assert abs(passed - exact.quarters_at(bar.start)) < 1e-8
        for share in range(10):
            low = int(hours * 3_600 * rate * share / 10)
            agree(tempo, low, low + 60 * rate)
        assert len(tempo.timeline(0, hours * 3_600 * rate).tempo) == MOST_POINTS

    def test_more_points_than_a_timeline_holds_are_refused_in_words(self) -> None:
        tempo = TempoMap([point(index * 100.0, 100 + index % 2) for index in range(MOST_POINTS + 1)], 48_000)
        with pytest.raises(RequestError, match=str(MOST_POINTS + 1)) as caught:
            tempo.timeline(0, 1_000_000)
        assert caught.value.code is ErrorCode.BAD_TIMELINE
        assert tempo.timeline(0, 1_000).tempo


class TestMistakes:
    @pytest.mark.parametrize("points", [[], [point(1), point(0)], [point(1), point(1)]])
    def test_points_are_in_rising_order(self, points: list[TempoPoint]) -> None:
        with pytest.raises(RequestError) as caught:
            TempoMap(points, 48_000)
        assert caught.value.code is ErrorCode.BAD_TIMELINE

    @pytest.mark.parametrize(
        ("start", "end", "points", "word"),
        [
            (5, 5, [point(0)], "empty"),
            (5, 4, [point(0)], "empty"),
            (5, 9, [point(6)], "first tempo point"),
            (5, 9, [point(0), point(0)], "rising order"),
        ],
    )
    def test_a_timeline_covers_its_range(
        self, start: int, end: int, points: list[TempoPoint], word: str
    ) -> None:
        line = Timeline(sample_rate=48_000, start_frame=start, end_frame=end, tempo=tuple(points))
        with pytest.raises(RequestError, match=word) as caught:
            check_timeline(line)
        assert caught.value.remedy
