"""Which frames of a stem have come."""

from __future__ import annotations

from bisect import bisect_left, bisect_right


class FrameRanges:
    """A set of whole numbers, kept as ranges in rising order that neither touch nor overlap."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def gapless_length(self) -> int:
        """How many numbers there are from zero on without a gap."""
        return self._ends[0] if self._starts and self._starts[0] == 0 else 0

    def covers(self, count: int) -> bool:
        """Whether all of [0, count) is there."""
        return self.gapless_length >= count

    def missing_ranges(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of [start, end) that are not there."""
        found: list[tuple[int, int]] = []
        for index in range(bisect_right(self._ends, start), len(self._starts)):
            if self._starts[index] >= end:
                break
            if self._starts[index] > start:
                found.append((start, self._starts[index]))
            start = self._ends[index]
        if start < end:
            found.append((start, end))
        return found

    def add(self, start: int, end: int) -> None:
        """Puts [start, end) in."""
        if start >= end:
            return
        # Every range that touches the new one melts into it.
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]
