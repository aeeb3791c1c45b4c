"""Times of an Ardour session: superclocks (`a123`), of which each usual sample rate has a whole number in a sample, or
ticks of the tempo map (`b123`).

A ramp of the tempo is even in quarter notes: after q of them, the superclock is ln(1 + C w q) / w further, with C
superclocks to a quarter note at its start and w (`omega`) the slope. So Ardour itself computes it.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

SUPERCLOCKS = 282_240_000
"""To a second, unless a session says otherwise."""
TICKS = 1_920
"""To a quarter note."""
_TIME = re.compile(r"([ab])(-?[0-9]{1,18})")
_SPAN = re.compile(r"([ab])(-?[0-9]{1,18})@([ab])(-?[0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class TempoSection:
    """From a tempo up to the next one."""

    superclock: int
    ticks: int
    quarter: float
    """Superclocks of a quarter note at the start."""
    omega: float
    """0 where the tempo holds."""


class SessionClock:
    """Ticks to superclocks and seconds."""

    def __init__(self, sections: Sequence[TempoSection], superclocks: int = SUPERCLOCKS) -> None:
        """``sections``: in order, at least one."""
        self.superclocks = superclocks
        self._sections = sections

    def superclock_at(self, ticks: float) -> float:
        """Where ticks of the tempo map lie."""
        index = max(bisect_right(self._sections, ticks, key=lambda one: one.ticks) - 1, 0)
        section = self._sections[index]
        quarters = (ticks - section.ticks) / TICKS
        if section.omega == 0:
            return section.superclock + section.quarter * quarters
        inside = section.quarter * section.omega * quarters
        if inside <= -1:
            return section.superclock + section.quarter * quarters
        return section.superclock + math.log1p(inside) / section.omega

    def ticks_at(self, superclock: float) -> float:
        """Ticks of the tempo map at a superclock."""
        index = max(bisect_right(self._sections, superclock, key=lambda one: one.superclock) - 1, 0)
        section = self._sections[index]
        past = superclock - section.superclock
        if section.omega == 0:
            return section.ticks + past / section.quarter * TICKS
        return section.ticks + math.expm1(past * section.omega) / (section.quarter * section.omega) * TICKS

    def seconds(self, superclock: float) -> float:
        """A time in seconds."""
        return superclock / self.superclocks

    def read_time(self, text: str) -> float | None:
        """A time such as `a5880` or `b1920` in superclocks; None where it is none."""
        found = _TIME.fullmatch(text.strip())
        if found is None:
            return None
        return float(found[2]) if found[1] == "a" else self.superclock_at(int(found[2]))

    def read_span(self, text: str) -> tuple[float, float] | None:
        """Start and end, in superclocks, of a length at a position, such as `a5880@b1920`."""
        found = _SPAN.fullmatch(text.strip())
        if found is None:
            return None
        start = self.read_time(f"{found[3]}{found[4]}")
        assert start is not None, "the pattern has checked it"
        if found[1] == "a":
            return start, start + int(found[2])
        begin = int(found[4]) if found[3] == "b" else self.ticks_at(start)
        return start, self.superclock_at(begin + int(found[2]))


def as_samples(superclock: float, sample_rate: int, superclocks: int = SUPERCLOCKS) -> float:
    """Superclocks in samples."""
    return superclock * sample_rate / superclocks
