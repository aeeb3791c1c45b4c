"""The lead: motifs that return, varied, over four measures, and come to rest at the end of the phrase."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._engines.sketch.library import Instrument, LineStyle
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent
from bandmate_plugins._engines.sketch.players.rhythm import RhythmStroke, pattern_strokes
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._theory.chords import Chord
from bandmate_plugins._theory.keys import Key

_OCTAVE = 12
_PHRASE = ("a", "b", "a", "c")
_PHRASE_2 = ("a", "a", "b", "c")
_SCALES = {
    ("pentatonic", False): (0, 2, 4, 7, 9),
    ("pentatonic", True): (0, 3, 5, 7, 10),
    ("blues", False): (0, 2, 3, 4, 7, 9),
    ("blues", True): (0, 3, 5, 6, 7, 10),
}


class Soloist:
    """Plays measure after measure; the motifs of a section depend on the seed and the section's variant."""

    def __init__(self, chart: Chart, line: LineStyle, instrument: Instrument, part: str) -> None:
        self._chart, self._line, self._instrument, self._part = chart, line, instrument, part
        low, high = instrument.low, instrument.high
        self._register = min(max(line.register, low + 5), high - 7)
        self._scale = lead_scale(chart.key, line.scale)
        self._last = self._register

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        chart, section = self._chart, self._chart.section_at(measure)
        rng = chart.random_for(self._part, measure.index)
        spans = chart.chord_spans(measure)
        if chart.is_end(measure):
            found, moves = [RhythmStroke(measure.start, measure.end, "x", True)], np.zeros(1, dtype=np.int64)
        else:
            found, moves = self._next_motif(measure, section.variant, rng)
        phrase, place = divmod(measure.index - section.first, 4)
        events = []
        for number, stroke in enumerate(found):
            span = next((span for span in reversed(spans) if span.start <= stroke.start + 1e-6), spans[0])
            if span.chord is None:
                continue
            closes = number == len(found) - 1 and (place == 3 or measure.left == 0)
            if closes:
                home = phrase % 2 == 1 or measure.left == 0
                pitch = self._rest_on(span.chord, home=home)
            else:
                pitch = self._choose_pitch(number, int(moves[number]) + phrase % 2, stroke, span.chord)
            self._last = pitch = self._near_octave(pitch)
            events.append(self._make_event(stroke, pitch, section.energy, rng))
        return events

    def _next_motif(
        self, measure: Measure, variant: int, rng: np.random.Generator
    ) -> tuple[list[RhythmStroke], np.ndarray[tuple[int], np.dtype[np.int64]]]:
        """Rhythm and steps of the motif whose turn it is; when it returns, its end is another."""
        place = (measure.index - self._chart.section_at(measure).first) % 4
        plan = _PHRASE if self._chart.random_for(self._part, "plan", variant).random() < 0.6 else _PHRASE_2
        motif = plan[place]
        found = self._motif_rhythm(measure, motif, variant)
        moves = self._motif_moves(motif, variant, len(found))
        if motif in plan[:place] and len(moves) > 2:
            moves[-2:] = rng.integers(-2, 3, 2)
        return found, moves

    def _motif_rhythm(self, measure: Measure, motif: str, variant: int) -> list[RhythmStroke]:
        patterns = self._line.patterns
        order = self._chart.random_for(self._part, "rhythm", variant).permutation(len(patterns))
        pattern = patterns[int(order["abc".index(motif) % len(patterns)])]
        found = pattern_strokes(self._chart, measure, pattern)
        return [stroke for stroke in found if stroke.end - stroke.start >= measure.min_length]

    def _motif_moves(
        self, motif: str, variant: int, count: int
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Steps along the scale: mostly small, and a leap is answered by a turn."""
        rng = self._chart.random_for(self._part, "moves", motif, variant)
        moves = rng.choice([-3, -2, -1, -1, 0, 1, 1, 2, 3, 4], max(count, 1))
        for at in range(1, len(moves)):
            if abs(moves[at - 1]) >= 3:
                moves[at] = -int(np.sign(moves[at - 1])) * min(abs(int(moves[at])) or 1, 2)
        return np.asarray(moves, dtype=np.int64)

    def _choose_pitch(self, number: int, move: int, stroke: RhythmStroke, chord: Chord) -> int:
        tones = chord.pitch_classes
        if number == 0:
            pitch = _nearest_tone(self._register + 2 * move, tones)
        else:
            pitch = self._walk_scale(self._last, move)
            if stroke.strong or stroke.end - stroke.start >= 1:
                pitch = _nearest_tone(pitch, tones)
        return self._fit_to_range(pitch)

    def _rest_on(self, chord: Chord, *, home: bool) -> int:
        """Where a phrase ends: on the tonic if the chord has it, or open, on another tone of the chord."""
        tonic = self._chart.key.tonic
        if home:
            goal = {tonic} if tonic in chord.pitch_classes else {chord.root, chord.first_tone(4, 3)}
        else:
            goal = set(chord.pitch_classes - {tonic}) or {chord.root}
        return self._fit_to_range(_nearest_tone(self._last, frozenset(goal)))

    def _walk_scale(self, start: int, move: int) -> int:
        """Steps along the scale, back where they would leave the range."""
        pitch = _nearest_tone(start, self._scale)
        way = 1 if move > 0 else -1
        if not self._register - 9 <= pitch + 2 * move <= self._register + 11:
            way = -way
        for _ in range(abs(move)):
            pitch += way
            while pitch % 12 not in self._scale:
                pitch += way
        return pitch

    def _fit_to_range(self, pitch: int) -> int:
        while pitch > min(self._instrument.high, self._register + 14):
            pitch -= 12
        while pitch < max(self._instrument.low, self._register - 12):
            pitch += 12
        return pitch

    def _near_octave(self, pitch: int) -> int:
        """The same tone at most an octave from the last one, which the range has when it has both."""
        while pitch - self._last > _OCTAVE:
            pitch -= _OCTAVE
        while self._last - pitch > _OCTAVE:
            pitch += _OCTAVE
        return pitch

    def _make_event(
        self, stroke: RhythmStroke, pitch: int, energy: float, rng: np.random.Generator
    ) -> NoteEvent:
        level = (96 if stroke.strong else 86) * (0.78 + 0.25 * energy) + rng.normal(0, 4)
        end = stroke.start + (stroke.end - stroke.start) * 0.94
        return NoteEvent(stroke.start, end, pitch, int(min(max(level, 20), 127)), self._line.lag_ms)


def lead_scale(key: Key, name: str) -> frozenset[int]:
    """The pitch classes that a lead moves along."""
    if name == "key":
        return frozenset(key.scale)
    return frozenset((key.tonic + step) % 12 for step in _SCALES[name, key.is_minor])


def _nearest_tone(pitch: int, tones: frozenset[int]) -> int:
    return min(range(pitch - 7, pitch + 8), key=lambda p: (p % 12 not in tones, abs(p - pitch), p))
