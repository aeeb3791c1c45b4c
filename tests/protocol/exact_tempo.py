"""A tempo map worked out slowly and exactly in fractions, to hold the quick one against.

Tempo is summed up over time by the midpoint rule, which is exact for a tempo that runs evenly; bars are laid
down one after another from the anchor.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from hypothesis import strategies as st

from bandmate_protocol.messages import TempoPoint

Drawn = tuple[list[TempoPoint], int]
CLOSE = 1e-4
"""Frames by which floats may miss."""
shares = st.floats(0, 1)
STEPS = 5
FULL = Fraction(1, 2_000)
"""Quarters that a bar may lack and still be full: over a frame at any tempo here, under any cut here."""


def point(position: float, bpm: float = 120.0, **changes: object) -> TempoPoint:
    return TempoPoint(**{"position": position, "bpm": bpm} | changes)


def length_of(drawn: Drawn) -> float:
    points, rate = drawn
    return points[-1].position + 10 * rate


@dataclass(frozen=True)
class ExactBar:
    number: int
    start: Fraction
    """Quarter notes from the first point."""
    end: Fraction
    numerator: int
    denominator: int


class ExactMap:
    def __init__(self, points: list[TempoPoint], rate: int) -> None:
        self.points = points
        self.rate = rate
        self.starts = [Fraction(point.position) for point in points]
        steps = (self.quarters_between(before, after) for before, after in pairwise(self.starts))
        self.at_points = list(accumulate(steps, initial=Fraction(0)))

    def bpm_at(self, position: Fraction) -> Fraction:
        for point, following in pairwise(self.points):
            if (
                Fraction(point.position) <= position < Fraction(following.position)
                and point.shape == "linear"
            ):
                share = (position - Fraction(point.position)) / (
                    Fraction(following.position) - Fraction(point.position)
                )
                return Fraction(point.bpm) + share * (Fraction(following.bpm) - Fraction(point.bpm))
        before = [point for point in self.points if Fraction(point.position) <= position]
        return Fraction((before or self.points[:1])[-1].bpm)

    def quarters_between(self, start: Fraction, end: Fraction) -> Fraction:
        edges = [start, *(edge for edge in self.starts if start < edge < end), end]
        total = Fraction(0)
        for low, high in pairwise(edges):
            step = (high - low) / STEPS
            total += sum(self.bpm_at(low + step * (2 * at + 1) / 2) * step for at in range(STEPS))
        return total / (60 * self.rate)

    def quarters_at(self, position: float) -> Fraction:
        exact = Fraction(position)
        if exact < self.starts[0]:
            return -self.quarters_between(exact, self.starts[0])
        index = sum(start <= exact for start in self.starts) - 1
        return self.at_points[index] + self.quarters_between(self.starts[index], exact)

    def bars(self, count: int) -> list[ExactBar]:
        """The first bars of a map that starts at its first point, on bar 1."""
        metre = self.points[0]
        changes = []
        for point in self.points[1:]:
            if point.starts_bar or (point.numerator, point.denominator) != (
                metre.numerator,
                metre.denominator,
            ):
                changes.append((self.quarters_at(point.position), point))
                metre = point
        bars: list[ExactBar] = []
        start, metre = Fraction(0), self.points[0]
        while len(bars) < count:
            end = start + Fraction(metre.numerator * 4, metre.denominator)
            following = metre
            if changes and changes[0][0] <= end + FULL:
                end, following = changes.pop(0)
            bars.append(ExactBar(len(bars) + 1, start, end, metre.numerator, metre.denominator))
            start, metre = end, following
        return bars


bpms = st.one_of(st.integers(20, 960).map(float), st.floats(20, 960), st.sampled_from([120.0, 128.0, 174.5]))
metres = st.tuples(st.integers(1, 31), st.sampled_from([2, 4, 8, 16]))
rates = st.sampled_from([44_100, 48_000, 96_000, 192_000])


@st.composite
def tempo_maps(draw: st.DrawFn, most_points: int = 8, most_bars: int = 6) -> tuple[list[TempoPoint], int]:
    """Points and rate: ramps and steps, metres that follow full or cut bars, tempo changes within bars."""
    rate = draw(rates)
    count = draw(st.integers(1, most_points))
    tempos = [draw(bpms) for _ in range(count)]
    position, numerator, denominator = 0.0, *draw(metres)
    points: list[TempoPoint] = []
    cut = starts_bar = False
    for index, bpm in enumerate(tempos):
        shape = draw(st.sampled_from(["square", "linear"]))
        points.append(
            TempoPoint(
                position=position,
                bpm=bpm,
                numerator=numerator,
                denominator=denominator,
                shape=shape,
                starts_bar=starts_bar,
            )
        )
        bars = draw(st.integers(0, most_bars))
        part = draw(st.sampled_from([0.0, 0.0, 0.15, 0.5, 0.77]))
        quarters = (bars + part or 1) * numerator * 4 / denominator
        goal = tempos[index + 1] if index + 1 < count and shape == "linear" else bpm
        position += quarters * 60 * rate / ((bpm + goal) / 2)
        # Where a bar was left unfinished by a mere change of tempo, the metre stays until the count is whole.
        cut = cut or bool(part)
        starts_bar = draw(st.booleans())
        if starts_bar or not cut:
            numerator, denominator = draw(metres)
            cut = False
    return points, rate
