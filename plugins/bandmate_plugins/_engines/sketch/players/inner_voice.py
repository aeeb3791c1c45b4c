"""One voice of the chords, as a second violin or a horn plays it."""

from __future__ import annotations

from bandmate_plugins._engines.sketch.library import Instrument
from bandmate_plugins._engines.sketch.players.chart import Chart, ChordSpan, NoteEvent
from bandmate_plugins._engines.sketch.players.keyboardist import best_voicing
from bandmate_plugins._engines.sketch.theory.measures import Measure

_RESTRUCK_ENERGY = 0.7
"""From this energy on the voice is played again on each strong beat."""


class InnerVoice:
    """Plays the voice `voice` (from the lowest, of `voices`) of each chord, moving as little as it can."""

    def __init__(
        self, chart: Chart, instrument: Instrument, register: int, voices: int, voice: int, part: str
    ) -> None:
        self._chart, self._instrument, self._part = chart, instrument, part
        self._register, self._voices, self._voice = register, voices, voice
        self._voicing: tuple[int, ...] = ()

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        rng = self._chart.random_for(self._part, measure.index)
        energy = self._chart.section_at(measure).energy
        events: list[NoteEvent] = []
        for span in self._chart.chord_spans(measure):
            if span.chord is None:
                continue
            self._voicing = best_voicing(span.chord, self._voicing, self._voices, self._register)
            pitch = fold_pitch(self._voicing[self._voice % len(self._voicing)], self._instrument)
            starts = self._starts(measure, span, energy)
            for start, end in zip(starts, [*starts[1:], span.end], strict=True):
                level = (78 if start == span.start else 66) * (0.76 + 0.28 * energy) + rng.normal(0, 3)
                events.append(NoteEvent(start, end, pitch, int(min(max(level, 15), 127))))
        return events

    def _starts(self, measure: Measure, span: ChordSpan, energy: float) -> list[float]:
        if energy < _RESTRUCK_ENERGY or self._chart.is_end(measure):
            return [span.start]
        strong = [beat.start for beat in measure.beats[::2]]
        return [span.start, *(at for at in strong if span.start + 1e-6 < at < span.end - measure.min_length)]


def fold_pitch(pitch: int, instrument: Instrument) -> int:
    """The pitch in the instrument's range, by octaves."""
    while pitch < instrument.low:
        pitch += 12
    while pitch > instrument.high:
        pitch -= 12
    return pitch
