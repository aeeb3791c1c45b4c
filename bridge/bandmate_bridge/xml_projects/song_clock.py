"""Times of a DAWproject: beats (quarter notes) or seconds, each timeline in its own unit, at its own place.

A timeline without a unit has that of what is around it; the outermost ones are in beats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bandmate_bridge.xml_projects.xml_tree import Element
from bandmate_protocol.tempo import TempoMap

TimeUnit = Literal["beats", "seconds"]


def unit_of(element: Element, inherited: TimeUnit, attribute: str = "timeUnit") -> TimeUnit:
    """The unit that an element names, else the one around it."""
    named = element.get(attribute)
    if named == "seconds":
        return "seconds"
    return "beats" if named == "beats" else inherited


class SongClock:
    """Beats of the arrangement to seconds and back, by the song's tempo map."""

    def __init__(self, tempo: TempoMap) -> None:
        self.tempo = tempo

    def seconds(self, unit: TimeUnit, time: float) -> float:
        """A time of the arrangement in seconds."""
        return time if unit == "seconds" else self.tempo.position_at(time) / self.tempo.sample_rate

    def time(self, unit: TimeUnit, seconds: float) -> float:
        """Seconds of the arrangement in a unit."""
        return seconds if unit == "seconds" else self.tempo.quarters_at(seconds * self.tempo.sample_rate)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the times inside a timeline lie in the arrangement: ``shift`` later, in the same unit."""

    unit: TimeUnit
    shift: float = 0.0

    def inside(self, unit: TimeUnit, clock: SongClock) -> Scope:
        """The same place for a timeline in a unit."""
        if unit == self.unit:
            return self
        return Scope(unit, clock.time(unit, clock.seconds(self.unit, self.shift)))

    def seconds(self, time: float, clock: SongClock) -> float:
        """A time of the timeline in seconds of the arrangement."""
        return clock.seconds(self.unit, time + self.shift)

    def beats(self, time: float, clock: SongClock) -> float:
        """A time of the timeline in beats of the arrangement."""
        if self.unit == "beats":
            return time + self.shift
        return clock.time("beats", time + self.shift)
