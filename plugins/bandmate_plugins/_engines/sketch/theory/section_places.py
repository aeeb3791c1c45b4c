"""Places in sections: in the chorus, from the verse on, in the bars before each section, as times over a range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.section_names import NamedSection, find_sections

SECTION_SNAP = 1e-3
"""Quarters within which a section begins with a bar: its position is rounded to a frame."""

TimeSpan = tuple[float, float]
"""Start and end in quarters."""
SectionReach = Literal["in", "from", "until", "ending"]
"""`in` sections, `from` the first of them on, `until` it begins, or in the bars `ending` where they begin."""


def named_spans(music: MusicalRange, names: Sequence[str]) -> list[TimeSpan]:
    """Where the sections of a range are that names mean, in quarters and in order; all for no names."""
    known = [
        NamedSection(
            mark.name, *(music.tempo.quarters_at(edge) for edge in (mark.start_frame, mark.end_frame))
        )
        for mark in music.timeline.sections
    ]
    found = [one for name in names for one in find_sections(name, known)] if names else known
    return sorted({(one.start, one.end) for one in found})


@dataclass(frozen=True)
class SectionPlaces:
    """Sections by name over a range, and what of them is meant. Without names, only `ending` means any."""

    names: tuple[str, ...]
    reach: SectionReach
    music: MusicalRange

    @property
    def is_limited(self) -> bool:
        """Whether there are times outside of it."""
        return bool(self.names) and self.reach != "ending"

    def allows(self, quarter: float) -> bool:
        """Whether a time is inside."""
        if not self.is_limited:
            return True
        if self.reach == "in":
            return any(start - SECTION_SNAP <= quarter < end - SECTION_SNAP for start, end in self._spans)
        return bool(self._spans) and (quarter >= self._spans[0][0] - SECTION_SNAP) == (self.reach == "from")

    def end_from(self, quarter: float, *, rests: bool) -> float:
        """Where what begins at a time has to end, inside of the sections or, with `rests`, outside of them."""
        if not self.is_limited or self.reach == "from":
            return math.inf
        if rests:
            return min(
                (start for start, _ in self._spans if start > quarter + SECTION_SNAP), default=math.inf
            )
        if self.reach == "until":
            return self._spans[0][0] if self._spans else math.inf
        inside = (end for start, end in self._spans if start <= quarter + SECTION_SNAP < end)
        return max(inside, default=math.inf)

    def ends_in(self, measure: Measure) -> bool:
        """Whether one begins where a measure ends, or before."""
        return any(measure.start + SECTION_SNAP < edge <= measure.end + SECTION_SNAP for edge in self._edges)

    def is_empty(self, start: float, end: float) -> bool:
        """Whether nothing of it is between two times."""
        if self.reach == "ending":
            return not any(start + SECTION_SNAP < edge <= end + SECTION_SNAP for edge in self._edges)
        if not self.is_limited:
            return False
        if self.reach == "in":
            return not any(max(first, start) < min(last, end) - SECTION_SNAP for first, last in self._spans)
        return not self._spans

    @cached_property
    def _spans(self) -> list[TimeSpan]:
        return named_spans(self.music, self.names)

    @cached_property
    def _edges(self) -> set[float]:
        """Where sections begin; where no names are given, also where they end."""
        starts = {start for start, _ in self._spans}
        return starts if self.names else starts | {end for _, end in self._spans}
