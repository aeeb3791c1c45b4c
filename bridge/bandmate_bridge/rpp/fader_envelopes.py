"""Automation of a track's fader: what its volume and pan envelopes come to over a span of time.

A point is `PT seconds value shape ...`: an amplitude in `VOLENV` (before the effects) and `VOLENV2`, from -1 to 1 in
`PANENV` and `PANENV2`. Shape 1 holds until the next point; all others are taken for straight lines. `ACT 0` is
bypassed.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.lines import as_float, as_int

TimeSpan = tuple[float, float]
"""Seconds from the project's start."""
_HOLD = 1
_SAMPLES = 64
_TRIM = 0
"""The mode of automation in which the fader is a trim on the envelope; in all others the envelope moves the fader."""


def envelope_gain(
    track: RppChunk, span: TimeSpan, volume: float, pan: float, pan_gain: Callable[[float], float]
) -> float:
    """The factor at which a track plays in a span, from its fader and active envelopes: the root of the mean power."""
    before, volumes = (envelope_points(track.chunk(name)) for name in ("VOLENV", "VOLENV2"))
    inner, pans = (envelope_points(track.chunk(name)) for name in ("PANENV", "PANENV2"))
    trims = trims_envelopes(track)
    start, end = span
    powers = 0.0
    for number in range(_SAMPLES):
        at = start + (number + 0.5) / _SAMPLES * (end - start)
        level = _value(before, at, 1.0) * pan_gain(_value(inner, at, 0.0))
        moved = _value(volumes, at, 1.0)
        level *= moved * volume if trims or not volumes else moved
        turned = _value(pans, at, 0.0)
        level *= pan_gain(turned + pan if trims and pans else turned if pans else pan)
        powers += level * level
    return math.sqrt(powers / _SAMPLES)


def trims_envelopes(track: RppChunk) -> bool:
    """Whether the fader is a trim on the envelopes, rather than moved by them."""
    return track.integer("AUTOMODE") == _TRIM


def has_envelopes(track: RppChunk) -> bool:
    """Whether any of them is active."""
    return any(envelope_points(track.chunk(name)) for name in ("VOLENV", "VOLENV2", "PANENV", "PANENV2"))


EnvelopePoints = Sequence[tuple[float, float, int]]
"""Seconds, values and shapes."""


def envelope_points(envelope: RppChunk | None) -> EnvelopePoints:
    """The points of an envelope in order; none where it is bypassed."""
    if envelope is None or envelope.integer("ACT", 0, 1) == 0:
        return ()
    points = [
        (as_float(words[0], 0.0), as_float(words[1], 0.0), as_int(words[2], 0) if len(words) > 2 else 0)
        for words in envelope.lines("PT")
        if len(words) > 1
    ]
    return sorted(points, key=lambda point: point[0])


def _value(points: EnvelopePoints, at: float, without: float) -> float:
    if not points:
        return without
    place = bisect_right(points, at, key=lambda point: point[0])
    if place == 0:
        return points[0][1]
    start, value, shape = points[place - 1]
    if place == len(points) or shape == _HOLD:
        return value
    end, following, _ = points[place]
    return value + (following - value) * (at - start) / max(end - start, 1e-9)
