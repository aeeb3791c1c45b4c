"""Players who read a transcript and play it as far as the strength of the cover leaves it as it was.

Below a third of the strength the notes are played as they were heard; in the middle third the melody, the
bass's rhythm and the beats of kick and snare are, over the style's own chords and cymbals, pulled to the
grid; above that the style plays its own patterns over the chords and the form, and only the melody is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bandmate_plugins._engines.sketch.cover.reading import MeasureHit, MeasureNote, MeasureTranscript
from bandmate_plugins._engines.sketch.library import Instrument
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.players.chart import Chart, ChordSpan, NoteEvent
from bandmate_plugins._engines.sketch.players.inner_voice import fold_pitch
from bandmate_plugins._engines.sketch.players.keyboardist import best_voicing
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._theory.chords import Chord

STYLE_JOINS, STYLE_LEADS = 1 / 3, 2 / 3
"""Where the style begins to play its own, and from where it plays all but the melody."""
_RING = 0.25
_BACKBEATS = ("snare", "clap", "rim", "brush", "timbale")
_STEADY = ("hat", "ride", "shaker", "cabasa", "tambourine", "guiro", "triangle")
_LOWS = ("kick", "surdo", "low_tom")


@dataclass(frozen=True)
class CoverSheet:
    """What all players of a cover share."""

    chart: Chart
    reading: MeasureTranscript
    strength: float
    held: bool = False
    """Whether voices are held as long as a chord sounds."""

    @property
    def grid_pull(self) -> float:
        """How far a time is moved to the grid, 0 to 1."""
        return min(max((self.strength - 0.2) / 0.4, 0.0), 1.0)

    def pull_to_grid(self, at: float, measure: Measure) -> float:
        """A time in quarters, moved towards the grid of the measure by `pull`."""
        if not self.grid_pull:
            return at
        swing = self.chart.swing if self.strength >= STYLE_LEADS else 0.5
        places = [
            beat.step_time(step, swing, self.chart.genre.swing_unit)
            for beat in measure.beats
            for step in range(len(beat.steps))
        ]
        nearest = min([*places, measure.end], key=lambda place: abs(place - at))
        return max(at + self.grid_pull * (nearest - at), measure.start)

    def note_velocity(self, level: float, measure: Measure, base: float = 60.0, span: float = 45.0) -> int:
        """From how strong a note was and how loud the measure is."""
        loud = 0.76 + 0.28 * self.chart.section_at(measure).energy
        return int(min(max((base + span * level) * loud, 15), 127))


class CoverDrummer:
    """The beats that were heard, the style's, or the heard kick and snare under the style's cymbals."""

    def __init__(
        self, hire: Callable[[], Musician], sheet: CoverSheet, silent: frozenset[str] = frozenset()
    ) -> None:
        """`silent` are the drums of the kit that the prompt rules out."""
        self._own, self._sheet, self._silent = hire(), sheet, silent
        lines = {name for beats in sheet.chart.genre.drums.beats for name in beats.lines}
        self._drums = {
            "kick": next((name for name in _LOWS if name in lines), "kick"),
            "snare": next((name for name in _BACKBEATS if name in lines), "snare"),
            "hat": next((name for name in _STEADY if name in lines), "hat"),
        }

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The hits of a measure, by time."""
        sheet = self._sheet
        own = self._own.play(measure)
        if not sheet.reading.passage_at(measure).clear.has_drums:
            return [] if sheet.reading.level_at(measure) < -40 else own
        hits = [hit for hit in sheet.reading.drum_hits(measure) if self._drums[hit.kind] not in self._silent]
        heard = [self._hit_event(hit, measure) for hit in hits]
        if sheet.strength < STYLE_JOINS:
            return _sort_events(heard)
        mains = {DRUM_PITCHES[self._drums["kick"]], DRUM_PITCHES[self._drums["snare"]]}
        if sheet.strength < STYLE_LEADS:
            cymbals = [event for event in own if event.pitch not in mains]
            return _sort_events([*(event for event in heard if event.pitch in mains), *cymbals])
        return own

    def _hit_event(self, hit: MeasureHit, measure: Measure) -> NoteEvent:
        start = self._sheet.pull_to_grid(hit.start, measure)
        velocity = self._sheet.note_velocity(hit.level, measure, 48, 62)
        return NoteEvent(start, start + _RING, DRUM_PITCHES[self._drums[hit.kind]], velocity)


class CoverSingleDrum:
    """A single drum, which plays its own line wherever the recording sounds."""

    def __init__(self, hire: Callable[[], Musician], sheet: CoverSheet) -> None:
        self._own, self._sheet = hire(), sheet

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The hits of a measure, by time."""
        return self._own.play(measure) if self._sheet.reading.level_at(measure) > -40 else []


class CoverBassist:
    """The bass line that was heard, or its rhythm on the chords, or the style's."""

    def __init__(self, hire: Callable[[], Musician], sheet: CoverSheet, instrument: Instrument) -> None:
        self._own, self._sheet, self._instrument = hire(), sheet, instrument

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        sheet = self._sheet
        if sheet.strength >= STYLE_LEADS or not sheet.reading.passage_at(measure).clear.has_bass:
            return self._own.play(measure) if sheet.reading.level_at(measure) > -40 else []
        tones = sheet.reading.bass_notes(measure)
        if sheet.strength >= STYLE_JOINS:
            tones = [self._move_to_chord(tone, measure) for tone in tones]
        return line_events(tones, measure, sheet, self._instrument, 0, 74)

    def _move_to_chord(self, tone: MeasureNote, measure: Measure) -> MeasureNote:
        chord = chord_at(sheet_spans(self._sheet, measure), tone.start)
        if chord is None or tone.pitch % 12 in chord.pitch_classes:
            return tone
        near = min(
            range(tone.pitch - 6, tone.pitch + 7),
            key=lambda pitch: (pitch % 12 not in chord.pitch_classes, abs(pitch - tone.pitch), pitch),
        )
        return replace(tone, pitch=near)


class CoverLead:
    """The melody, in the instrument's range; the style's own where none is clear and it may."""

    def __init__(
        self, hire: Callable[[], Musician] | None, sheet: CoverSheet, instrument: Instrument, register: int
    ) -> None:
        self._own = hire() if hire else None
        self._sheet, self._instrument, self._register = sheet, instrument, register

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        sheet = self._sheet
        stretch = sheet.reading.passage_at(measure)
        if not stretch.clear.has_melody:
            free = self._own is not None and sheet.strength >= 0.5 and sheet.reading.level_at(measure) > -40
            return self._own.play(measure) if free and self._own else []
        pitches = sorted(note.pitch for note in stretch.melody)
        shift = octave_shift(pitches, self._instrument, self._register)
        return line_events(sheet.reading.melody_notes(measure), measure, sheet, self._instrument, shift, 70)


class CoverKeys:
    """The chords: where something was struck, or in the style's rhythm."""

    def __init__(
        self, hire: Callable[[], Musician] | None, sheet: CoverSheet, instrument: Instrument, register: int
    ) -> None:
        self._own = hire() if hire else None
        self._choir = ChordVoices(sheet, instrument, register, 4)

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        sheet = self._choir.sheet
        if self._own is not None and sheet.strength >= STYLE_JOINS:
            return self._own.play(measure) if sheet.reading.level_at(measure) > -40 else []
        return self._choir.play(measure)


class ChordVoices:
    """All voices of the chords, or one of them: struck where the recording is, held to the next."""

    def __init__(
        self, sheet: CoverSheet, instrument: Instrument, register: int, voices: int, voice: int | None = None
    ) -> None:
        self.sheet = sheet
        self._instrument, self._register, self._voices, self._voice = instrument, register, voices, voice
        self._before: tuple[int, ...] = ()

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        if self.sheet.reading.level_at(measure) <= -40:
            return []
        events: list[NoteEvent] = []
        struck = self._strike_times(measure)
        for span in sheet_spans(self.sheet, measure):
            if span.chord is None:
                continue
            self._before = best_voicing(span.chord, self._before, self._voices, self._register)
            pitches = (
                self._before if self._voice is None else (self._before[self._voice % len(self._before)],)
            )
            inside = [at for at in struck if span.start + 0.1 < at < span.end - measure.min_length]
            starts = [self.sheet.pull_to_grid(span.start, measure), *inside]
            for start, end in zip(starts, [*starts[1:], span.end], strict=True):
                velocity = self.sheet.note_velocity(0.6 if start == span.start else 0.35, measure)
                events.extend(
                    NoteEvent(start, max(end, start + 0.05), fold_pitch(pitch, self._instrument), velocity)
                    for pitch in pitches
                )
        return _sort_events(events)

    def _strike_times(self, measure: Measure) -> list[float]:
        """Strong onsets, at least half a beat apart; from `STYLE_LEADS` on every beat."""
        if self.sheet.held:
            return []
        if self.sheet.strength >= STYLE_LEADS:
            return [beat.start for beat in measure.beats[1:]]
        found: list[float] = []
        apart = 0.5 * min(beat.quarters for beat in measure.beats)
        for at in self.sheet.reading.strong_onsets(measure, 0.3 + 0.5 * self.sheet.strength):
            at = self.sheet.pull_to_grid(at, measure)
            if not found or at - found[-1] >= apart:
                found.append(at)
        return found


def line_events(
    tones: list[MeasureNote],
    measure: Measure,
    sheet: CoverSheet,
    instrument: Instrument,
    shift: int,
    base: float,
) -> list[NoteEvent]:
    """Notes of one voice as events: moved by octaves into the range, one at a time."""
    events: list[NoteEvent] = []
    for tone in tones:
        start = sheet.pull_to_grid(tone.start, measure)
        if events and start - events[-1].start < 0.5 * measure.min_length:
            continue
        if events and events[-1].end > start:
            events[-1] = replace(events[-1], end=start)
        pitch = fold_pitch(tone.pitch + shift, instrument)
        end = max(start + (tone.end - tone.start), start + measure.min_length)
        events.append(NoteEvent(start, end, pitch, sheet.note_velocity(tone.level, measure, base, 34)))
    return events


def octave_shift(pitches: list[int], instrument: Instrument, register: int) -> int:
    """By how many semitones, in octaves, a line moves so that its middle is near an instrument's register."""
    if not pitches:
        return 0
    goal = min(max(register, instrument.low + 7), instrument.high - 7)
    outside = {
        shift: sum(not instrument.low <= pitch + shift <= instrument.high for pitch in pitches)
        for shift in range(-36, 37, 12)
    }
    middle = pitches[len(pitches) // 2]
    return min(outside, key=lambda shift: (outside[shift] / len(pitches) > 0.1, abs(middle + shift - goal)))


def sheet_spans(sheet: CoverSheet, measure: Measure) -> list[ChordSpan]:
    """The chords of a measure."""
    return sheet.chart.chord_spans(measure)


def chord_at(spans: list[ChordSpan], at: float) -> Chord | None:
    """The chord that sounds at a time in quarters."""
    return next((span.chord for span in reversed(spans) if span.start <= at + 0.05), spans[0].chord)


def _sort_events(events: list[NoteEvent]) -> list[NoteEvent]:
    return sorted(events, key=lambda event: (event.start, event.pitch))
