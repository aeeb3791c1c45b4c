"""A riff: one measure that is played again and again, on the root of each chord."""

from __future__ import annotations

from dataclasses import replace

from bandmate_plugins._engines.sketch.library import Instrument
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._theory.chords import Chord

_OCTAVE = 12


class RiffMusician:
    """Repeats the first measure that another player plays; other metres get measures of their own."""

    def __init__(self, inner: Musician, chart: Chart, instrument: Instrument) -> None:
        self._inner, self._chart, self._instrument = inner, chart, instrument
        self._riffs: dict[tuple[float, int], tuple[Measure, Chord, list[NoteEvent]]] = {}

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        own = self._inner.play(measure)
        chord = next((span.chord for span in self._chart.chord_spans(measure) if span.chord), None)
        if chord is None or self._chart.is_end(measure):
            return own
        shape = (round(measure.quarters, 6), len(measure.beats))
        if shape not in self._riffs:
            if own:
                self._riffs[shape] = (measure, chord, own)
            return own
        first, before, events = self._riffs[shape]
        moved = (chord.root - before.root + 5) % _OCTAVE - 5
        later = measure.start - first.start
        return [
            replace(
                event,
                start=event.start + later,
                end=event.end + later,
                pitch=self._fit_to_key(event.pitch + moved),
            )
            for event in events
        ]

    def _fit_to_key(self, pitch: int) -> int:
        """The nearest pitch of the key within the instrument's range."""
        scale = self._chart.key.scale
        pitch = next(pitch + step for step in (0, -1, 1, -2, 2) if (pitch + step) % _OCTAVE in scale)
        while pitch > self._instrument.high:
            pitch -= _OCTAVE
        while pitch < self._instrument.low:
            pitch += _OCTAVE
        return pitch
