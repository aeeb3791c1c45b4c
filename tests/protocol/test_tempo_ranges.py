"""Ranges of a tempo map against the whole of it, over the wire and for hours."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_protocol.codec import CLIENT_FRAMES, encode_message
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, Submit, Timeline
from bandmate_protocol.tempo import MAX_TEMPO_POINTS, TempoMap, check_timeline, nearest_frame
from tests.protocol.exact_tempo import Drawn, ExactMap, length_of, point, shares, tempo_maps
from tests.protocol.strategies import examples


class TestRanges:
    @given(tempo_maps(), shares, shares)
    @examples(200, 2_000)
    def test_a_range_agrees_with_the_whole_everywhere_inside(
        self, drawn: Drawn, one: float, other: float
    ) -> None:
        low, high = sorted(int(share * length_of(drawn)) for share in (one, other))
        agree(TempoMap(*drawn), low, high + 1)

    @given(tempo_maps(), st.integers(1, 30), st.integers(1, 10))
    @examples(200, 2_000)
    def test_a_range_from_barline_to_barline_agrees(self, drawn: Drawn, first: int, count: int) -> None:
        tempo = TempoMap(*drawn)
        low, high = nearest_frame(tempo.position_of(first)), nearest_frame(tempo.position_of(first + count))
        agree(tempo, low, high)
        inside = TempoMap.from_timeline(tempo.timeline_between(low, high))
        assert [bar.number for bar in inside.bars(low, high)] == list(range(first, first + count))

    def test_a_barline_half_a_frame_ahead_is_not_reached_in_the_map_nor_in_a_range_of_it(self) -> None:
        points = [
            point(0, 20, numerator=12, denominator=16),
            point(59534.999999999985, 24, numerator=12, denominator=16),
        ]
        tempo = TempoMap(points, 44_100)
        low, high = nearest_frame(tempo.position_of(2)), nearest_frame(tempo.position_of(3))
        agree(tempo, low, high)
        assert tempo.bar_beat_at(high - 1)[0] == 2

    @given(tempo_maps(), shares, shares, shares)
    def test_a_range_of_a_range_agrees(self, drawn: Drawn, one: float, other: float, share: float) -> None:
        low, high = sorted(int(share * length_of(drawn)) for share in (one, other))
        inner = TempoMap.from_timeline(tempo_line(TempoMap(*drawn), low, high + 1))
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
        line = TempoMap([point(0)], 48_000).timeline_between(
            100, 200, key="A minor", chords=chords, context_before_frames=7
        )
        assert (line.chords, line.key, line.context_before_frames) == (tuple(chords[:3]), "A minor", 7)
        assert (line.frames, line.seconds) == (100, 100 / 48_000)


def tempo_line(tempo: TempoMap, low: int, high: int) -> Timeline:
    """The timeline of a range after a trip over the wire."""
    line = tempo.timeline_between(low, high)
    check_timeline(line)
    message = CLIENT_FRAMES.decode(encode_message(Submit(request="r", task="generate", timeline=line)))
    assert isinstance(message, Submit)
    assert message.timeline == line
    return message.timeline


def agree(tempo: TempoMap, low: int, high: int) -> None:
    inside = TempoMap.from_timeline(tempo_line(tempo, low, high))
    for share in (0, 0.1, 0.25, 0.5, 0.777, 1):
        position = low + int((high - 1 - low) * share)
        (bar, beat), (same_bar, same_beat) = tempo.bar_beat_at(position), inside.bar_beat_at(position)
        assert (bar, beat) == (same_bar, pytest.approx(same_beat, abs=1e-6))
        assert inside.metre_at(position) == tempo.metre_at(position)
        assert inside.bpm_at(position) == pytest.approx(tempo.bpm_at(position), rel=1e-12)
        passed = tempo.quarters_at(position) - tempo.quarters_at(low)
        assert inside.quarters_at(position) - inside.quarters_at(low) == pytest.approx(passed, abs=1e-9)
    span = min(high, low + 40 * tempo.sample_rate)
    assert marks(inside, low, span) == marks(tempo, low, span)


def marks(tempo: TempoMap, low: int, high: int) -> list[tuple[int, int, int]]:
    return [(beat.bar, beat.index, nearest_frame(beat.position)) for beat in tempo.beats(low, high)]


class TestLongMaps:
    def test_hours_at_192_khz_with_every_point_a_timeline_holds(
        self, loops: Callable[[int, int], int]
    ) -> None:
        rate, hours = 192_000, 3
        step = hours * 3_600 * rate / MAX_TEMPO_POINTS
        points = [
            point(
                index * step,
                20 + (index * 7_919) % 941,
                numerator=1 + index % 31,
                denominator=2 ** (index % 5),
                shape="linear" if index % 3 else "square",
            )
            for index in range(MAX_TEMPO_POINTS)
        ]
        tempo = TempoMap(points, rate)
        bars = list(tempo.bars(0, hours * 3_600 * rate))
        assert len(bars) > MAX_TEMPO_POINTS
        assert all(before.end == after.start for before, after in pairwise(bars))
        exact = ExactMap(points[-3:], rate)
        for bar in bars[-loops(50, 2_000) :]:
            if bar.start > points[-3].position:
                passed = tempo.quarters_at(bar.start) - tempo.quarters_at(points[-3].position)
                assert abs(passed - exact.quarters_at(bar.start)) < 1e-8
        for share in range(10):
            low = int(hours * 3_600 * rate * share / 10)
            agree(tempo, low, low + 60 * rate)
        assert len(tempo.timeline_between(0, hours * 3_600 * rate).tempo) == MAX_TEMPO_POINTS

    def test_more_points_than_a_timeline_holds_are_refused_in_words(self) -> None:
        tempo = TempoMap(
            [point(index * 100.0, 100 + index % 2) for index in range(MAX_TEMPO_POINTS + 1)], 48_000
        )
        with pytest.raises(RequestError, match=str(MAX_TEMPO_POINTS + 1)) as caught:
            tempo.timeline_between(0, 1_000_000)
        assert caught.value.code is ErrorCode.BAD_TIMELINE
        assert tempo.timeline_between(0, 1_000).tempo
