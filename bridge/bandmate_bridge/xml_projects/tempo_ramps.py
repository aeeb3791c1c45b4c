"""Ramps that are even in beats, as REAPER has them: even in seconds."""

from __future__ import annotations

import math

_SHORT_SECONDS = 7e-7
"""A ramp that is even in seconds may stand for one in beats where the two are no further apart at their ends."""
_RAMP_SECONDS = 5e-6
"""How far off a chain of short ramps may be at its end."""
_MAX_STEPS = 1_024


def ramp_steps(beats: float, start: float, end: float) -> int:
    """How many ramps that are even in seconds stand for one that is even in beats.

    Over the same beats, the two take 60 b ln(e/s) / (e - s) and 120 b / (s + e) seconds.
    """
    off = abs(60 * beats * (math.log(end / start) / (end - start) - 2 / (start + end)))
    # In so many steps each is off by a cubic part of that, and all of them by a square part.
    return 1 if off < _SHORT_SECONDS else min(math.ceil(math.sqrt(off / _RAMP_SECONDS)) + 1, _MAX_STEPS)
