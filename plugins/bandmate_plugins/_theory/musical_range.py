"""A range of the project together with the tempo map that counts its bars and beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from bandmate_protocol.messages import ChordMark, Timeline
from bandmate_protocol.tempo import TempoMap


@dataclass(frozen=True, slots=True)
class MusicalRange:
    """A range with its tempo map: the project's, or that of a recording that plays late or drifts."""

    timeline: Timeline
    tempo: TempoMap

    @classmethod
    def from_timeline(cls, timeline: Timeline) -> MusicalRange:
        """A range with its own tempo map."""
        return cls(timeline, TempoMap.from_timeline(timeline))

    @property
    def start_frame(self) -> int:
        """The first frame, in the project."""
        return self.timeline.start_frame

    @property
    def end_frame(self) -> int:
        """The frame after the last, in the project."""
        return self.timeline.end_frame

    @property
    def frames(self) -> int:
        """Its length."""
        return self.timeline.frames

    @property
    def sample_rate(self) -> int:
        """Frames per second."""
        return self.timeline.sample_rate

    @property
    def start_bpm(self) -> float:
        """The tempo at its start, in quarter notes per minute."""
        return self.tempo.bpm_at(self.timeline.start_frame)

    def with_chords(self, chords: Sequence[ChordMark]) -> MusicalRange:
        """The same range with these chords, unless it has chords of its own."""
        if self.timeline.chords or not chords:
            return self
        return MusicalRange(msgspec.structs.replace(self.timeline, chords=tuple(chords)), self.tempo)
