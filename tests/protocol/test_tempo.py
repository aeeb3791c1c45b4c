"""The tempo map against the slow exact one."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap, check_timeline, nearest_frame
from tests.protocol.exact_tempo import (
    CLOSE,
    FULL,
    Drawn,
    ExactMap,
    bpms,
    length_of,
    metres,
    point,
    rates,
    shares,
    tempo_maps,
)
from tests.protocol.strategies import examples


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
    @examples(60, 1_000)
    def test_bars_are_laid_down_one_after_another(self, drawn: Drawn) -> None:
        exact, tempo = ExactMap(*drawn), TempoMap(*drawn)
        for bar in exact.bars(40):
            start = tempo.position_of(bar.number)
            assert abs(exact.quarters_at(start) - bar.start) < 1e-6
            assert tempo.metre_at(start) == (bar.numerator, bar.denominator)
            number, beat = tempo.bar_beat_at(nearest_frame(start))
            assert number == bar.number
            fastest = max(tempo.bpm_at(start - 1), tempo.bpm_at(start + 1))
            assert beat * 4 / bar.denominator < fastest / 60 / tempo.sample_rate + 1e-6

    @given(tempo_maps())
    @examples(60, 1_000)
    def test_beats_are_even_within_a_bar_and_end_with_it(self, drawn: Drawn) -> None:
        exact, tempo = ExactMap(*drawn), TempoMap(*drawn)
        bars = exact.bars(20)
        expected = [
            (bar.number, index, bar.start + Fraction(4 * index, bar.denominator))
            for bar in bars
            for index in range(bar.numerator)
            if bar.start + Fraction(4 * index, bar.denominator) < bar.end - FULL
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
        assert tempo.bar_beat_at(0) == (0, 0.0)
        assert tempo.position_of(-1) == -96_000
        assert [bar.number for bar in tempo.bars(0, 192_000)] == [0, 1]

    def test_an_anchor_within_a_bar(self) -> None:
        tempo = TempoMap([point(0)], 48_000, anchor=48_000, bar=9, beat=2.5)
        assert tempo.bar_beat_at(48_000) == (9, 2.5)
        assert tempo.position_of(9) == 48_000 - 2.5 * 24_000

    def test_a_range_of_a_frame_has_its_beat(self) -> None:
        tempo = TempoMap([point(0)], 48_000)
        assert [beat.index for beat in tempo.beats(24_000, 24_001)] == [1]
        assert [bar.number for bar in tempo.bars(24_000, 24_001)] == [1]


class TestRounding:
    def test_halves_go_up_whatever_the_sign(self) -> None:
        assert [nearest_frame(value) for value in (0.5, 1.5, -0.5, -1.5, 0.49, -0.51)] == [1, 2, 0, -1, 0, -1]

    def test_a_half_that_lost_its_last_digits_is_still_a_half(self) -> None:
        assert nearest_frame(1e9 + 0.5 - 1e-6) == 10**9 + 1

    @given(rates, bpms, metres, st.integers(1, 400_000))
    def test_hours_on_a_barline_is_where_it_belongs(
        self, rate: int, bpm: float, metre: tuple[int, int], bar: int
    ) -> None:
        tempo = TempoMap([point(0, bpm, numerator=metre[0], denominator=metre[1])], rate)
        frames = (bar - 1) * Fraction(metre[0] * 4, metre[1]) * 60 * rate / Fraction(bpm)
        assume(frames < 12 * 3_600 * rate)
        near_half = abs((frames - floor(frames)) - Fraction(1, 2)) < Fraction(2, 1_000)
        assume(not near_half or frames.denominator == 2)
        assert nearest_frame(tempo.position_of(bar)) == floor(frames + Fraction(1, 2))


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
            (5, 9, [point(0), point(0)], "are not in ascending order"),
        ],
    )
    def test_a_timeline_covers_its_range(
        self, start: int, end: int, points: list[TempoPoint], word: str
    ) -> None:
        line = Timeline(sample_rate=48_000, start_frame=start, end_frame=end, tempo=tuple(points))
        with pytest.raises(RequestError, match=word) as caught:
            check_timeline(line)
        assert caught.value.remedy
