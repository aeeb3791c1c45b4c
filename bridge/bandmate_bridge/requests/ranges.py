"""Ranges as a musician gives them: positions, a start with a length, or sections by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from bandmate_bridge.requests.timing import DEFAULT_BARS, MusicLength
from bandmate_bridge.rpp.positions import check_range, exact_end, exact_position
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.tempo import TempoMap, nearest_frame

TimeSpan = tuple[float, float]
"""Start and end in seconds, exact."""


@dataclass(frozen=True, slots=True)
class GivenRanges:
    """Ranges as they were asked for; empty when nothing was said."""

    spans: tuple[tuple[str, str], ...] = ()
    """Positions from and to."""
    at: str | None = None
    length: MusicLength = field(default_factory=MusicLength)
    sections: tuple[str, ...] = ()
    """Names of sections, which `sections` turns into spans."""

    @property
    def is_empty(self) -> bool:
        """Nothing was said."""
        return not (self.spans or self.sections) and self.at is None and self.length == MusicLength()

    def times(self, tempo: TempoMap, ruler_start: float = 0.0) -> list[TimeSpan]:
        """The ranges in order, in seconds from frame 0, where the ruler shows ``ruler_start``.

        Raises RequestError (`bad_position`) for what is no range, or overlaps.
        """
        assert not self.sections, "names of sections are turned into spans first"
        if self.spans:
            found = [
                (exact_position(begin, tempo, ruler_start), exact_position(end, tempo, ruler_start))
                for begin, end in self.spans
            ]
        elif self.is_empty:
            return []
        else:
            found = [self._range_from_length(tempo, ruler_start)]
        for start, end in found:
            check_range(nearest_frame(start), nearest_frame(end), tempo.sample_rate)
        found.sort()
        for before, after in pairwise(found):
            if nearest_frame(after[0]) < nearest_frame(before[1]):
                raise RequestError(
                    ErrorCode.BAD_POSITION, "Two of the ranges overlap.", "Give ranges that do not overlap."
                )
        return [(start / tempo.sample_rate, end / tempo.sample_rate) for start, end in found]

    def _range_from_length(self, tempo: TempoMap, ruler_start: float) -> TimeSpan:
        if self.at is None:
            raise RequestError(
                ErrorCode.BAD_POSITION,
                "No start position given.",
                "Give --at and a length, such as --at 9.1 --bars 2, or --from and --to.",
            )
        given = self.length if self.length != MusicLength() else MusicLength(bars=DEFAULT_BARS)
        start = exact_position(self.at, tempo, ruler_start)
        end = exact_end(start, tempo, bars=given.bars, beats=given.beats, seconds=given.seconds)
        return start, end
