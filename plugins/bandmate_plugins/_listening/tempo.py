"""From beats to a tempo map: as few points as tell where the beats lie, however the tempo drifts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray64

_STEADY_SECONDS = 0.025
"""How far beats may lie from an even grid for it to be taken for what was meant."""
_MAX_ASTRAY = 0.35
"""How far one beat that was heard wrong may lie off, as a share of a beat."""
_LOOK_AHEAD = 4
"""Stretches that are tried at once."""


@dataclass(frozen=True)
class EvenStretch:
    """Beats that follow each other evenly, from one number up to another (exclusive)."""

    first: int
    last: int
    start: float
    """Where the grid has its first beat, in seconds."""
    period: float
    """Seconds a beat."""


def split_stretches(beats: FloatArray64, anchors: set[int]) -> list[EvenStretch]:
    """Divides beats (in seconds) into even stretches, which begin at `anchors` (barlines) as far as they can.

    A stretch goes on for as long as an even grid explains its beats to within 25 ms.
    """
    found: list[EvenStretch] = []
    first = 0
    while first < len(beats) - 1:
        last = _even_reach(beats, first)
        if last < len(beats):
            bars = [at for at in range(first + 2, last) if at in anchors]
            last = bars[-1] + 1 if bars else last
        found.append(_fit_stretch(beats, first, last))
        first = last - 1
        if last >= len(beats):
            break
    return _join_stretches(beats, found)


def _join_stretches(beats: FloatArray64, found: list[EvenStretch]) -> list[EvenStretch]:
    """Stretches that one grid explains, with what was heard wrong between them, become one."""
    out: list[EvenStretch] = []
    at = 0
    while at < len(found):
        first, last = found[at].first, found[at].last
        ahead = at + 1
        for other in range(at + 1, min(at + 1 + _LOOK_AHEAD, len(found))):
            if _is_even(beats[first : found[other].last]):
                last, ahead = found[other].last, other + 1
        if ahead == at + 1:
            out.append(_fit_stretch(beats, first, last))
            at = ahead
        else:
            found = [*found[:at], EvenStretch(first, last, 0.0, 0.0), *found[ahead:]]
    return out


def even_beats(beats: FloatArray64, found: list[EvenStretch]) -> FloatArray64:
    """The beats on the grids of their stretches; where two meet, the later one's."""
    out = beats.copy()
    for stretch in found:
        count = np.arange(stretch.last - stretch.first)
        out[stretch.first : stretch.last] = stretch.start + count * stretch.period
    return np.maximum.accumulate(out)


def _even_reach(beats: FloatArray64, first: int) -> int:
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


def _is_even(part: FloatArray64) -> bool:
    """Whether nearly all beats lie on one grid; a few heard wrong do not end a stretch, a bend does."""
    if len(part) < 3:
        return True
    start, period = _fit_line(part)
    off = part - start - period * np.arange(len(part))
    # A drift would pass for steady with some beats off, if its ends and its middle did not count each.
    pieces = np.array_split(off, min(6, max(1, len(off) // 4)))
    bend = max(abs(float(np.median(piece))) for piece in pieces)
    # What lies far off at the end belongs to what comes next.
    end = float(np.abs(off[-3:]).min())
    most = float(np.abs(off).max())
    return bool(
        np.percentile(np.abs(off), 85) < _STEADY_SECONDS
        and max(bend, end) < 0.6 * _STEADY_SECONDS
        and most < _MAX_ASTRAY * period
    )


def _fit_line(part: FloatArray64) -> tuple[float, float]:
    """An even grid through beats: a straight line, fitted again without what lies far off it."""
    count = np.arange(len(part))
    period, start = np.polyfit(count, part, 1)
    for _ in range(3):
        off = np.abs(part - start - period * count)
        kept = off <= max(2.0 * float(np.median(off)), 0.004)
        if int(kept.sum()) < 3:
            break
        period, start = np.polyfit(count[kept], part[kept], 1)
    return float(start), float(period)


def _fit_stretch(beats: FloatArray64, first: int, last: int) -> EvenStretch:
    part = beats[first:last]
    if len(part) < 3:
        return EvenStretch(first, last, float(part[0]), float(part[1] - part[0]))
    start, period = _fit_line(part)
    return EvenStretch(first, last, start, period)
