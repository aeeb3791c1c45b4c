"""Ranges lie on whole frames, barlines between them: counting must not stumble over the difference."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap, nearest_frame

RATES = st.sampled_from([8_000, 44_100, 48_000, 96_000])
BPMS = st.floats(20, 400)


@given(rate=RATES, bpm=BPMS, first=st.integers(1, 200), count=st.integers(1, 16), numerator=st.integers(2, 9))
@settings(max_examples=200, deadline=None)
def test_a_range_from_barline_to_barline_has_exactly_its_bars(
    rate: int, bpm: float, first: int, count: int, numerator: int
) -> None:
    tempo = TempoMap([TempoPoint(position=0.0, bpm=bpm, numerator=numerator, denominator=8)], rate)
    start, end = nearest_frame(tempo.position_of(first)), nearest_frame(tempo.position_of(first + count))
    line = tempo.timeline_between(start, end)
    assert (line.bar, line.beat < 1e-3) == (first, True)
    inside = TempoMap.from_timeline(line)
    assert [bar.number for bar in inside.bars(start, end)] == list(range(first, first + count))
    assert len(list(inside.beats(start, end))) == count * numerator


@given(rate=RATES, bpm=BPMS, then=BPMS, first=st.integers(1, 20), count=st.integers(1, 8))
@settings(max_examples=200, deadline=None)
def test_a_new_metre_after_whole_bars_starts_the_next_bar(
    rate: int, bpm: float, then: float, first: int, count: int
) -> None:
    before = TempoMap([TempoPoint(position=0.0, bpm=bpm)], rate)
    change = before.position_of(first + count)
    tempo = TempoMap(
        [
            *before.points,
            TempoPoint(position=change, bpm=then, numerator=7, denominator=8, starts_bar=True),
        ],
        rate,
    )
    start, end = nearest_frame(tempo.position_of(first)), nearest_frame(tempo.position_of(first + count + 3))
    inside = TempoMap.from_timeline(tempo.timeline_between(start, end))
    metres = [(bar.number, bar.numerator) for bar in inside.bars(start, end)]
    expected = [(first + at, 4 if at < count else 7) for at in range(count + 3)]
    assert metres == expected
