"""Players who leave room for what is there."""

from __future__ import annotations

from collections.abc import Callable

from bandmate_plugins._engines.sketch.accompany.reading import HarmonisedTranscript
from bandmate_plugins._engines.sketch.library import Instrument
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.theory.measures import Measure

_BUSY = 1.6
"""Notes a beat from which on a melody leaves room for long chords only."""
_HELD_VELOCITY = 62
_ON_BEAT = 0.06
"""Quarters within which a stroke is on a beat."""


class SparseMusician:
    """Plays as another does, but lets what is there be heard: fewer strokes under quick notes."""

    def __init__(self, hire: Callable[[], Musician], reading: HarmonisedTranscript) -> None:
        self._own, self._reading = hire(), reading

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        events = self._own.play(measure)
        if len(self._reading.melody_times(measure)) < _BUSY * len(measure.beats):
            return events
        beats = [beat.start for beat in measure.beats]
        return [event for event in events if min(abs(event.start - beat) for beat in beats) < _ON_BEAT]


class AnsweringMusician:
    """Plays as another does in the rests of what is there, and long tones of the chords under the rest."""

    def __init__(
        self,
        hire: Callable[[], Musician],
        reading: HarmonisedTranscript,
        chart: Chart,
        instrument: Instrument,
    ) -> None:
        self._own, self._reading, self._chart = hire(), reading, chart
        self._instrument = instrument
        self._last = min(max(chart.genre.lead.register, instrument.low + 5), instrument.high - 7)

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        sung = self._reading.melody_times(measure)
        answers = [
            event
            for event in self._own.play(measure)
            if not any(start < event.start + 0.1 and event.start < end for start, end in sung)
        ]
        return sorted([*answers, *self._held_tones(measure, answers)], key=lambda event: event.start)

    def _held_tones(self, measure: Measure, answers: list[NoteEvent]) -> list[NoteEvent]:
        """A tone of each chord, near the one before, up to the first answer in it."""
        found = []
        for span in self._chart.chord_spans(measure):
            end = min([event.start for event in answers if event.end > span.start] + [span.end])
            if span.chord is None or end - span.start < measure.beats[0].quarters:
                continue
            tones = span.chord.pitch_classes
            choices = [
                pitch
                for pitch in range(self._instrument.low, self._instrument.high + 1)
                if pitch % 12 in tones
            ]
            self._last = min(choices, key=lambda pitch: (abs(pitch - self._last), pitch))
            found.append(NoteEvent(span.start, end, self._last, _HELD_VELOCITY))
        return found
