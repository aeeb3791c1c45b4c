"""The bass: on the genre's rhythm, locked to the kick or walking, leading into the next chord."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._engines.sketch.library import Instrument, LineStyle
from bandmate_plugins._engines.sketch.players.chart import Chart, ChordSpan, NoteEvent
from bandmate_plugins._engines.sketch.players.drummer import Drummer
from bandmate_plugins._engines.sketch.players.rhythm import RhythmStroke, pattern_strokes
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._theory.chords import Chord

_LETTERS = {"x": (0,), "X": (0,), "o": (0,), "5": (7, 6, 8), "3": (4, 3), "6": (9, 8), "7": (10, 11, 9)}


class Bassist:
    """Plays measure after measure."""

    def __init__(self, chart: Chart, line: LineStyle, instrument: Instrument) -> None:
        self._chart, self._line, self._instrument = chart, line, instrument
        self._drummer = Drummer(chart)
        self._last: int | None = None

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        rng = self._chart.random_for("bass", measure.index)
        spans = self._chart.chord_spans(measure)
        events: list[NoteEvent] = []
        for stroke in self._choose_strokes(measure, rng):
            span = _span_at(spans, stroke.start)
            if span.chord is None:
                continue
            end = stroke.end if span.end >= stroke.end - 1e-9 else span.end
            if end - stroke.start < measure.min_length:
                continue
            following = self._next_chord(spans, span, measure)
            pitch = self._choose_pitch(stroke, span.chord, following, rng)
            events.append(
                NoteEvent(
                    stroke.start, end, pitch, self._choose_velocity(stroke, measure, rng), self._line.lag_ms
                )
            )
        return events

    def _choose_strokes(self, measure: Measure, rng: np.random.Generator) -> list[RhythmStroke]:
        style = self._instrument.style or self._line.style
        if self._chart.is_end(measure):
            return [RhythmStroke(measure.start, measure.end, "x", True)]
        if style == "walking":
            return _walking_strokes(measure)
        if style == "kick":
            return self._kick_strokes(measure, rng)
        choice = self._chart.pick_pattern("bass", measure, len(self._line.patterns))
        return pattern_strokes(self._chart, measure, self._line.patterns[choice])

    def _kick_strokes(self, measure: Measure, rng: np.random.Generator) -> list[RhythmStroke]:
        """A note on every kick, until the next; now and then one that leads on at the end."""
        kicks = self._drummer.kick_times(measure) or [measure.start]
        starts = sorted({measure.start, *kicks})
        letters = ["x" if at == 0 or rng.random() < 0.72 else ("o" if rng.random() < 0.5 else "5")
                   for at in range(len(starts))]  # fmt: skip
        last = measure.beats[-1]
        lead_in = last.start + last.quarters / 2
        if starts[-1] < lead_in - 1e-6 and rng.random() < 0.5:
            starts.append(lead_in)
            letters.append("a")
        ends = [*starts[1:], measure.end]
        longest = 2 * last.quarters
        return [
            RhythmStroke(start, min(end, start + longest), letter, start == measure.start)
            for start, end, letter in zip(starts, ends, letters, strict=True)
        ]

    def _choose_pitch(
        self, stroke: RhythmStroke, chord: Chord, following: Chord, rng: np.random.Generator
    ) -> int:
        if stroke.letter == "a":
            pitch = self._approach_pitch(following, rng)
        elif stroke.letter == "w":
            pitch = self._walking_pitch(chord, rng)
        else:
            below = stroke.letter in "xXo" and chord.bass != chord.root
            wanted = chord.bass if below else chord.first_tone(*_LETTERS[stroke.letter])
            pitch = self._nearest_pitch(wanted, self._line.register)
            if stroke.letter == "o" and pitch + 12 <= self._instrument.high:
                pitch += 12
        self._last = pitch
        return pitch

    def _nearest_pitch(self, pitch_class: int, centre: float) -> int:
        """The nearest such pitch to a centre, within the instrument's range."""
        pitch = round(centre) + (pitch_class - round(centre) + 6) % 12 - 6
        while pitch < self._instrument.low:
            pitch += 12
        while pitch > self._instrument.high:
            pitch -= 12
        return pitch

    def _approach_pitch(self, following: Chord, rng: np.random.Generator) -> int:
        """A step above or below the next bass note: from the scale, or half a tone below it."""
        target = self._nearest_pitch(following.bass, self._line.register)
        if rng.random() < 0.4:
            return target - 1
        way = 1 if rng.random() < 0.5 else -1
        scale = self._chart.key.scale
        return next(
            (target + way * size for size in (1, 2, 3) if (target + way * size) % 12 in scale), target - 1
        )

    def _walking_pitch(self, chord: Chord, rng: np.random.Generator) -> int:
        """On the way of a walking bass: a tone of the chord or of the scale, near the last but not it."""
        last = self._last if self._last is not None else self._line.register
        tones = chord.pitch_classes if rng.random() < 0.65 else frozenset(self._chart.key.scale)
        low, high = max(self._instrument.low, last - 7), min(self._instrument.high, last + 7)
        choices = [p for p in range(low, high + 1) if p % 12 in tones and p != last]
        if not choices:
            return self._nearest_pitch(chord.bass, self._line.register)
        weights = np.array([1 / (1 + abs(p - last) + 0.4 * abs(p - self._line.register)) for p in choices])
        return int(rng.choice(choices, p=weights / weights.sum()))

    def _next_chord(self, spans: list[ChordSpan], span: ChordSpan, measure: Measure) -> Chord:
        at = spans.index(span)
        found = spans[at + 1].chord if at + 1 < len(spans) else self._chart.chord_after(measure)
        assert span.chord is not None
        return found or span.chord

    def _choose_velocity(self, stroke: RhythmStroke, measure: Measure, rng: np.random.Generator) -> int:
        base = 104 if stroke.letter == "X" else 94 if stroke.strong else 86
        level = base * (0.8 + 0.22 * self._chart.section_at(measure).energy)
        return int(min(max(level + rng.normal(0, 3), 20), 127))


def _walking_strokes(measure: Measure) -> list[RhythmStroke]:
    """A note on every beat, the first the root, the last leading on; beats in three get a light third."""
    found = []
    for place, beat in enumerate(measure.beats):
        last = place == len(measure.beats) - 1 and place > 0
        letter = "x" if place == 0 else "a" if last else "w"
        found.append(
            RhythmStroke(beat.start, min(beat.start + beat.quarters, measure.end), letter, place == 0)
        )
    return found


def _span_at(spans: list[ChordSpan], at: float) -> ChordSpan:
    return next((span for span in reversed(spans) if span.start <= at + 1e-6), spans[0])
