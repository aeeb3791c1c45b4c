"""A transcript as players read it: measure by measure, in quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_plugins._engines.sketch.ears.transcribe.pitch import Heard
from bandmate_plugins._engines.sketch.ears.transcribe.strokes import DrumHit, Kind
from bandmate_plugins._engines.sketch.ears.transcribe.transcript import Stretch, Transcript, between
from bandmate_plugins._engines.sketch.theory.harmony import Chord, parse_chord
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap


@dataclass(frozen=True, slots=True)
class Tone:
    """A note that was heard, in quarters."""

    start: float
    end: float
    pitch: int
    level: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """A drum that was heard, in quarters."""

    start: float
    kind: Kind
    level: float


class MeasureTranscript:
    """What was heard in each measure. It listens on when it is asked for what was not heard yet."""

    def __init__(self, transcript: Transcript, timeline: Timeline, tempo: TempoMap) -> None:
        self._transcript, self._timeline, self._tempo = transcript, timeline, tempo

    def stretch(self, measure: Measure) -> Stretch:
        """The stretch that a measure lies in."""
        return self._transcript.at(self._range(measure)[0])

    def bass(self, measure: Measure) -> list[Tone]:
        """The bass notes that begin in a measure."""
        return self._notes_in_measure(self.stretch(measure).bass, measure)

    def melody(self, measure: Measure) -> list[Tone]:
        """The notes of the melody that begin in a measure."""
        return self._notes_in_measure(self.stretch(measure).melody, measure)

    def hits(self, measure: Measure) -> list[Stroke]:
        """The drums of a measure."""
        hits: Sequence[DrumHit] = between(self.stretch(measure).hits, *self._range(measure))
        return [Stroke(self._tempo.quarters_at(hit.frame), hit.kind, hit.level) for hit in hits]

    def onsets(self, measure: Measure, least: float) -> list[float]:
        """Where something of some strength begins in a measure, in quarters."""
        start, end = self._range(measure)
        return [
            self._tempo.quarters_at(frame)
            for frame, strength in self.stretch(measure).onsets
            if start <= frame < end and strength >= least
        ]

    def chords(self, start: float, end: float) -> list[tuple[float, Chord | None]]:
        """The chord at a place in quarters, and those up to another place; empty where none is clear."""
        first, last = self._tempo.position_at(start), self._tempo.position_at(end)
        stretch = self._transcript.at(first)
        if not stretch.clear.has_chords or not stretch.chords:
            return []
        inside = [one for one in stretch.chords if first < one.start - 1 and one.start < last - 1]
        before = [one for one in stretch.chords if one.start - 1 <= first]
        held = before[-1] if before else stretch.chords[0]
        marks = [(start, held), *((self._tempo.quarters_at(one.start), one) for one in inside)]
        return [(place, parse_chord(one.symbol)) for place, one in marks]

    def level(self, measure: Measure) -> float:
        """How loud a measure is in dB, next to the loud ones."""
        return self._transcript.level(self._range(measure)[0])

    def levels(self, count: int) -> list[float] | None:
        """Levels in dB of the measures up to one at least, or None when there are not so many."""
        transcript = self._transcript
        while sum(len(one.measures) for one in transcript.stretches) < count:
            if transcript.listen() is None:
                return None
        return [transcript.level(frame) for one in transcript.stretches for frame in one.measures]

    def _range(self, measure: Measure) -> tuple[float, float]:
        """In frames; what begins a hair before the barline belongs to it."""
        slack = 0.01 * self._timeline.sample_rate
        return self._tempo.position_at(measure.start) - slack, self._tempo.position_at(measure.end) - slack

    def _notes_in_measure(self, notes: Sequence[Heard], measure: Measure) -> list[Tone]:
        return [
            Tone(
                self._tempo.quarters_at(note.start), self._tempo.quarters_at(note.end), note.pitch, note.level
            )
            for note in between(notes, *self._range(measure))
        ]
