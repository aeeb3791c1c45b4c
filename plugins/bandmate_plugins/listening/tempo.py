"""From beats to a tempo map: as few points as tell where the beats lie, however the tempo drifts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bandmate_plugins.listening.features import Vector

_STEADY_SECONDS = 0.025
"""How far beats may lie from an even grid for it to be taken for what was meant."""
_MOST_POINTS = 1_000


@dataclass(frozen=True)
class Stretch:
    """Beats that follow each other evenly, from one number up to another (exclusive)."""

    first: int
    last: int
    start: float
    """Where the grid has its first beat, in seconds."""
    period: float
    """Seconds a beat."""


def stretches(beats: Vector, anchors: set[int]) -> list[Stretch]:
    """Divides beats (in seconds) into even stretches, which begin at `anchors` (barlines) as far as they can.

    A stretch goes on for as long as an even grid explains its beats to within 25 ms.
    """
    found: list[Stretch] = []
    first = 0
    while first < len(beats) - 1:
        last = _reach(beats, first)
        if last < len(beats):
            bars = [at for at in range(first + 2, last) if at in anchors]
            last = bars[-1] + 1 if bars else last
        found.append(_fitted(beats, first, last))
        first = last - 1
        if last >= len(beats):
            break
    return found


def even(beats: Vector, found: list[Stretch]) -> Vector:
    """The beats on the grids of their stretches; where two meet, the later one's."""
    out = beats.copy()
    for stretch in found:
        count = np.arange(stretch.last - stretch.first)
        out[stretch.first : stretch.last] = stretch.start + count * stretch.period
    return np.maximum.accumulate(out)


def _reach(beats: Vector, first: int) -> int:
    """How far an even grid goes: doubling, then halving back."""
    good, size = first + 2, 4
    while first + size <= len(beats) and _is_even(beats[first : first + size]):
        good = first + size
        size *= 2
    low, high = good, min(first + size, len(beats) + 1)
    if high > len(beats) and _is_even(beats[first:]):
        return len(beats)
    while high - low > 1:
        middle = (low + high) // 2
        if _is_even(beats[first:middle]):
            low = middle
        else:
            high = middle
    return max(low, first + 2)


def _is_even(part: Vector) -> bool:
    """Nearly all beats lie on the grid, and none far off it; one heard wrong does not end a stretch."""
    if len(part) < 3:
        return True
    start, period = _line(part)
    off = np.abs(part - start - period * np.arange(len(part)))
    # The ends and the middle must not bend, or a drift would be taken for steady with some beats off.
    thirds = [
        float(np.mean(off_signed))
        for off_signed in np.array_split(part - start - period * np.arange(len(part)), min(6, len(part)))
    ]
    bend = max(abs(third) for third in thirds)
    return bool(np.percentile(off, 85) < _STEADY_SECONDS and bend < 0.6 * _STEADY_SECONDS)


def _line(part: Vector) -> tuple[float, float]:
    """An even grid through beats: a straight line, fitted again without what lies far off it."""
    count = np.arange(len(part))
    period, start = np.polyfit(count, part, 1)
    off = np.abs(part - start - period * count)
    kept = off <= max(2.0 * float(np.median(off)), 0.004)
    if 3 <= int(kept.sum()) < len(part):
        period, start = np.polyfit(count[kept], part[kept], 1)
    return float(start), float(period)


def _fitted(beats: Vector, first: int, last: int) -> Stretch:
    part = beats[first:last]
    if len(part) < 3:
        return Stretch(first, last, float(part[0]), float(part[1] - part[0]))
    start, period = _line(part)
    return Stretch(first, last, start, period)
