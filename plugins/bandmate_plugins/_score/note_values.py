"""Which subdivision a beat has, and which note values make up a length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

_STRAIGHT = {1: 0.0, 2: 0.012, 4: 0.024, 8: 0.07}
_TRIPLETS = {3: 0.03, 6: 0.075}
"""Into how many parts a quarter is divided, and what that costs, in quarters: the coarser grid wins where both fit."""
_END_WEIGHT = 0.35
_VALUES = sorted(
    {Fraction(4, 2**power) * dots for power in range(8) for dots in (Fraction(1), Fraction(3, 2))}
    - {Fraction(6)},
    reverse=True,
)
"""Note values in quarters, from a whole note down, with one dot or none."""


def choose_division(begins: Sequence[float], ends: Sequence[float], beat: Fraction) -> int:
    """Into how many equal parts a beat is divided by notes that begin and end at these places in it, 0 to 1.

    Ends count less, as players let go early. `beat` is its length in quarters: a note as long as the whole beat costs
    nothing, a 32nd note is the shortest value.
    """
    count = len(begins) + len(ends)
    if not count:
        return 1
    costs = {
        parts: price * count**0.5
        + float(beat) * sum(_distance(place, parts) for place in begins)
        + float(beat) * _END_WEIGHT * sum(_distance(place, parts) for place in ends)
        for parts, price in _prices(beat).items()
    }
    return min(costs, key=lambda parts: (costs[parts], parts))


def _prices(beat: Fraction) -> dict[int, float]:
    """Into how many parts a beat may be divided, and what that costs."""
    prices = {1: 0.0}
    for parts, price in (_STRAIGHT | _TRIPLETS).items():
        share = beat * parts
        if share.denominator == 1 and share > 1:
            prices[int(share)] = price
    return prices


def _distance(place: float, parts: int) -> float:
    return abs(place * parts - round(place * parts)) / parts


def is_triplet(division: int) -> bool:
    """Whether a division is one of triplets."""
    return division in _TRIPLETS


def is_note_value(length: Fraction) -> bool:
    """Whether one note, with a dot or without, is so long."""
    return length in _VALUES


def split_values(start: Fraction, length: Fraction, beat: Fraction) -> Iterator[Fraction]:
    """Note values that add up to a length in quarters; what begins off the beat reaches the next beat first."""
    while length > 0:
        if is_note_value(length):
            yield length
            return
        to_beat = -start % beat
        most = min(length, to_beat) if to_beat else length
        value = next((value for value in _VALUES if value <= most), length)
        yield value
        start, length = start + value, length - value
