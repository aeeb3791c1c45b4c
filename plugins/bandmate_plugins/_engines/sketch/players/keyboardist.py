"""Chords: voicings that move as little as they can, in the genre's rhythm, as pads or as arpeggios."""

from __future__ import annotations

from itertools import pairwise

from bandmate_plugins._engines.sketch.library import Instrument, LineStyle
from bandmate_plugins._engines.sketch.players.chart import Chart, ChordSpan, NoteEvent
from bandmate_plugins._engines.sketch.players.rhythm import RhythmStroke, pattern_strokes
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._theory.chords import Chord
from bandmate_plugins._theory.keys import Key

_MAX_HELD_QUARTERS = 5.0
"""Quarters that a note is held before it is struck again."""


class Keyboardist:
    """Plays measure after measure; each voicing follows from the one before."""

    def __init__(self, chart: Chart, line: LineStyle, instrument: Instrument, part: str) -> None:
        self._chart, self._line, self._instrument, self._part = chart, line, instrument, part
        self._voicing: tuple[int, ...] = ()
        self._chord: Chord | None = None

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        rng = self._chart.random_for(self._part, measure.index)
        section = self._chart.section_at(measure)
        style = "pad" if self._chart.is_end(measure) else self._instrument.style or self._line.style
        events: list[NoteEvent] = []
        for span in self._chart.chord_spans(measure):
            if span.chord is None:
                continue
            voicing = self._next_voicing(span.chord)
            for stroke in self._span_strokes(measure, span, style):
                level = (92 if stroke.letter == "X" else 80) * (0.76 + 0.28 * section.energy)
                for pitch in _letter_pitches(stroke.letter, voicing):
                    velocity = int(min(max(level + rng.normal(0, 3), 15), 127))
                    events.append(NoteEvent(stroke.start, stroke.end, pitch, velocity, self._line.lag_ms))
        return sorted(events, key=lambda event: (event.start, event.pitch))

    def _span_strokes(self, measure: Measure, span: ChordSpan, style: str) -> list[RhythmStroke]:
        if style == "pad" or not self._line.patterns:
            return _held_strokes(span)
        if style == "arpeggio" and not any(c.isdigit() for c in "".join(self._line.patterns)):
            patterns: tuple[str, ...] = ("1-2- 3-4- 3-2- 3-4-", "1-3- 2-4- 3-2- 4-3-")
        else:
            patterns = self._line.patterns
        found = []
        for stroke in pattern_strokes(
            self._chart, measure, patterns[self._chart.pick_pattern(self._part, measure, len(patterns))]
        ):
            start, end = max(stroke.start, span.start), min(stroke.end, span.end)
            if end - start >= measure.min_length:
                found.append(RhythmStroke(start, end, stroke.letter, stroke.strong))
        return found

    def _next_voicing(self, chord: Chord) -> tuple[int, ...]:
        if chord != self._chord:
            line = self._line
            played = add_ninth(chord, self._chart.key) if line.rootless else chord
            played = to_power_chord(chord) if line.power else played
            self._voicing = best_voicing(played, self._voicing, line.voices, line.register, line.rootless)
            self._voicing = _fit_to_range(self._voicing, self._instrument)
            self._chord = chord
        return self._voicing


def add_ninth(chord: Chord, key: Key) -> Chord:
    """A seventh chord with the ninth that the key gives it, for voicings that leave the root to the bass."""
    seventh = any(step in chord.intervals for step in (10, 11))
    if (
        not seventh
        or len(chord.intervals) > 4
        or 6 in chord.intervals
        or (chord.root + 2) % 12 not in key.scale
    ):
        return chord
    return Chord(chord.root, (*chord.intervals, 14), chord.bass, chord.symbol)


def to_power_chord(chord: Chord) -> Chord:
    """Its root and its fifth, perfect or not: a distorted third so low is mud."""
    fifth = next((step for step in (7, 6, 8) if step in chord.intervals), 7)
    return Chord(chord.root, (0, fifth), chord.bass, chord.symbol)


def best_voicing(
    chord: Chord, before: tuple[int, ...], voices: int, register: int, rootless: bool = False
) -> tuple[int, ...]:
    """Pitches for a chord: every inversion, close and open, is tried; the one that moves least wins."""
    tones = _chord_tones(chord, voices, rootless)
    best: tuple[float, tuple[int, ...]] = (1e9, ())
    for turn in range(len(tones)):
        order = [(tones[(turn + n) % len(tones)]) for n in range(max(voices, len(tones)))]
        for base in range(register - 14, register + 6):
            if base % 12 != order[0]:
                continue
            close = _close_voicing(base, order)
            for shape in (close, _drop_two(close)):
                best = min(best, (_voicing_cost(shape, before, register), shape))
    return best[1]


def _chord_tones(chord: Chord, voices: int, rootless: bool) -> list[int]:
    """The pitch classes to play; left out are the root, which the bass has, and the fifth."""
    steps = sorted({step % 12 for step in chord.intervals})
    if rootless and len(steps) > 3:
        steps.remove(0)
    if len(steps) > voices and 7 in steps:
        steps.remove(7)
    while len(steps) > max(voices, 2):
        steps.remove(0 if 0 in steps else steps[-1])
    return [(chord.root + step) % 12 for step in steps]


def _close_voicing(base: int, order: list[int]) -> tuple[int, ...]:
    pitches = [base]
    for tone in order[1:]:
        pitches.append(pitches[-1] + ((tone - pitches[-1] - 1) % 12) + 1)
    return tuple(pitches)


def _drop_two(close: tuple[int, ...]) -> tuple[int, ...]:
    """The second voice from above an octave down."""
    if len(close) < 4:
        return close
    return tuple(sorted((*close[:-2], close[-2] - 12, close[-1])))


def _voicing_cost(shape: tuple[int, ...], before: tuple[int, ...], register: int) -> float:
    centre = sum(shape) / len(shape)
    cost = 0.6 * abs(centre - register)
    if shape[0] < 48:
        cost += sum(2.0 for low, high in pairwise(shape) if low < 50 and high - low < 5)
    if before:
        cost += sum(min(abs(pitch - other) for other in before) for pitch in shape)
        cost += 0.5 * abs(shape[-1] - before[-1])
    return cost


def _fit_to_range(voicing: tuple[int, ...], instrument: Instrument) -> tuple[int, ...]:
    moved = []
    for pitch in voicing:
        while pitch < instrument.low:
            pitch += 12
        while pitch > instrument.high:
            pitch -= 12
        moved.append(pitch)
    return tuple(sorted(set(moved)))


def _letter_pitches(letter: str, voicing: tuple[int, ...]) -> tuple[int, ...]:
    """A digit plays one voice, from the lowest up; `b` the lowest, `t` all but the lowest, else all."""
    if letter.isdigit():
        at = int(letter) - 1
        return (voicing[at % len(voicing)] + 12 * (at // len(voicing)),)
    if letter == "b":
        return voicing[:1]
    return voicing[1:] if letter == "t" else voicing


def _held_strokes(span: ChordSpan) -> list[RhythmStroke]:
    count = max(1, -int(-(span.end - span.start) // _MAX_HELD_QUARTERS))
    size = (span.end - span.start) / count
    return [
        RhythmStroke(span.start + n * size, span.start + (n + 1) * size, "x", n == 0) for n in range(count)
    ]
