"""A transcript as players read it: measure by measure, in quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._listening.melody.lines import TranscribedNote
from bandmate_plugins._listening.strokes import DrumHit, HitKind
from bandmate_plugins._listening.transcript import (
    TranscribedPassage,
    Transcript,
    notes_between,
)
from bandmate_plugins._theory.chords import Chord, parse_chord
from bandmate_plugins._theory.musical_range import MusicalRange


@dataclass(frozen=True, slots=True)
class MeasureNote:
    """A note that was heard, in quarters."""

    start: float
    end: float
    pitch: int
    level: float


@dataclass(frozen=True, slots=True)
class MeasureHit:
    """A drum that was heard, in quarters."""

    start: float
    kind: HitKind
    level: float


class MeasureTranscript:
    """What was heard in each measure. It listens on when it is asked for what was not heard yet."""

    def __init__(self, transcript: Transcript, music: MusicalRange) -> None:
        self._transcript, self._tempo = transcript, music.tempo
        self._rate = music.sample_rate

    def passage_at(self, measure: Measure) -> TranscribedPassage:
        """The stretch that a measure lies in."""
        return self._transcript.passage_at(self._frame_range(measure)[0])

    def bass_notes(self, measure: Measure) -> list[MeasureNote]:
        """The bass notes that begin in a measure."""
        return self._notes_in_measure(self.passage_at(measure).bass, measure)

    def melody_notes(self, measure: Measure) -> list[MeasureNote]:
        """The notes of the melody that begin in a measure."""
        return self._notes_in_measure(self.passage_at(measure).melody, measure)

    def drum_hits(self, measure: Measure) -> list[MeasureHit]:
        """The drums of a measure."""
        hits: Sequence[DrumHit] = notes_between(self.passage_at(measure).hits, *self._frame_range(measure))
        return [MeasureHit(self._tempo.quarters_at(hit.frame), hit.kind, hit.level) for hit in hits]

    def strong_onsets(self, measure: Measure, least: float) -> list[float]:
        """Where something of some strength begins in a measure, in quarters."""
        start, end = self._frame_range(measure)
        return [
            self._tempo.quarters_at(frame)
            for frame, strength in self.passage_at(measure).onsets
            if start <= frame < end and strength >= least
        ]

    def chords_between(self, start: float, end: float) -> list[tuple[float, Chord | None]]:
        """The chord at a place in quarters, and those up to another place; empty where none is clear."""
        first, last = self._tempo.position_at(start), self._tempo.position_at(end)
        stretch = self._transcript.passage_at(first)
        if not stretch.clear.has_chords or not stretch.chords:
            return []
        inside = [one for one in stretch.chords if first < one.start - 1 and one.start < last - 1]
        before = [one for one in stretch.chords if one.start - 1 <= first]
        held = before[-1] if before else stretch.chords[0]
        marks = [(start, held), *((self._tempo.quarters_at(one.start), one) for one in inside)]
        return [(place, parse_chord(one.symbol)) for place, one in marks]

    def level_at(self, measure: Measure) -> float:
        """How loud a measure is in dB, next to the loud ones."""
        return self._transcript.level_at(self._frame_range(measure)[0])

    def measure_levels(self, count: int) -> list[float] | None:
        """Levels in dB of the measures up to one at least, or None when there are not so many."""
        transcript = self._transcript
        while sum(len(one.measures) for one in transcript.stretches) < count:
            if transcript.transcribe_next() is None:
                return None
        return [transcript.level_at(frame) for one in transcript.stretches for frame in one.measures]

    def _frame_range(self, measure: Measure) -> tuple[float, float]:
        """In frames; what begins a hair before the barline belongs to it."""
        slack = 0.01 * self._rate
        return self._tempo.position_at(measure.start) - slack, self._tempo.position_at(measure.end) - slack

    def _notes_in_measure(self, notes: Sequence[TranscribedNote], measure: Measure) -> list[MeasureNote]:
        return [
            MeasureNote(
                self._tempo.quarters_at(note.start), self._tempo.quarters_at(note.end), note.pitch, note.level
            )
            for note in notes_between(notes, *self._frame_range(measure))
        ]
