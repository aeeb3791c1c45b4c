"""Drums that play alone: a tambourine, congas, timpani, each as a part of its own."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import DrumKit, DrumPattern, DrumStyle, Instrument
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES, DRUM_PITCHES
from bandmate_plugins._engines.sketch.library.single_drum import SingleDrum
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent, PlacedDrum
from bandmate_plugins._engines.sketch.players.drum_tuning import tune_kit
from bandmate_plugins._engines.sketch.players.drummer import Drummer, leave_out_rests, place_drum
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlaces, PatternPlaces, StrokePlaces
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.places import read_place
from bandmate_plugins._theory.chords import Chord
from bandmate_plugins._theory.musical_range import MusicalRange

_BRUSH_KIT = 40
"""The General MIDI kit that is played with brushes."""
_STRUCK = frozenset("Xxo")
"""Letters of a pattern that always sound."""
_WRITTEN_AS = {"root": "low_tom", "fifth": "mid_tom", "octave": "high_tom"}
"""The drums that stand for the notes of a pitched drum while it is composed."""
_FIFTH = 7


def single_drum_chart(drum: SingleDrum, chart: Chart, style: DrumStyle | None) -> Chart:
    """The chart of a drum that plays alone: the lines that a style has for it, else its own."""
    beats = _style_beats(drum, style) if style else ()
    lines = {_WRITTEN_AS.get(name, name): line for name, line in drum.lines.items()}
    usual = chart.genre.drums
    alone = DrumStyle(
        kit=usual.kit, beats=beats or (DrumPattern(lines=lines),), ghosts=1.0, lag_ms=usual.lag_ms
    )
    placed = tuple(one for one in chart.placed if library.single_drums()[one.single_drum] == drum)
    return replace(chart, genre=msgspec.structs.replace(chart.genre, drums=alone), placed=placed)


def placed_drums(
    wish: ParsedPrompt, music: MusicalRange, swing: float, swing_unit: int
) -> tuple[PlacedDrum, ...]:
    """The drums of a prompt that are played where it says, or by a pattern."""
    made = []
    for name in wish.drums:
        drum = library.single_drums()[name]
        place = wish.places.get(name) or (read_place(drum.place) if drum.place else None)
        places: StrokePlaces
        if name in wish.patterns:
            places = PatternPlaces(wish.patterns[name], music, swing, swing_unit)
        elif place is not None:
            places = BarPlaces(place, music, swing, swing_unit)
        else:
            continue
        names = {_WRITTEN_AS.get(one, one) for one in (*drum.drums, *drum.lines)}
        line = _WRITTEN_AS.get(drum.main_line, drum.main_line)
        made.append(PlacedDrum(name, frozenset(names), line, places))
    return tuple(made)


def single_drum_kit(drum: SingleDrum, kit_name: str, chart: Chart) -> DrumKit:
    """The kit that a drum is taken from, tuned to the key."""
    kit = library.kits()[kit_name]
    program = kit.program
    if "brush" in drum.lines and program is not None:
        program = _BRUSH_KIT
    if set(drum.lines) <= set(drum.sounds):
        # General MIDI has no such drum, so a SoundFont has none either.
        program = None
    kit = msgspec.structs.replace(kit, sounds={**kit.sounds, **drum.sounds}, program=program)
    return tune_kit(kit, chart.key, chart.tuning_cents)


def _style_beats(drum: SingleDrum, style: DrumStyle) -> tuple[DrumPattern, ...]:
    """The beats of a style, with the lines of one drum only; without those in which it may be silent."""
    if drum.sounds or drum.swells or drum.place:
        return ()
    own = [
        DrumPattern(
            energy=beats.energy,
            lines={name: line for name, line in beats.lines.items() if name in drum.drums},
        )
        for beats in style.beats
    ]
    return tuple(one for one in own if any(_STRUCK & set(line) for line in one.lines.values()))


class SingleDrummer:
    """Plays one drum: in every measure, or in some."""

    def __init__(self, chart: Chart, drum: SingleDrum) -> None:
        self._chart, self._drum, self._drummer = chart, drum, Drummer(chart)

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The hits of a measure, by time."""
        drum, ends = self._drum, self._chart.is_end(measure)
        placed = self._chart.placed
        if placed and placed[0].places.has_strokes:
            events = self._placed_hits(measure)
            return [replace(event, end=measure.end) for event in events] if drum.swells else events
        every = 1 if placed else drum.every
        if drum.swells:
            leads = measure.index % every == every - 1 or measure.left == 0
            events = self._drummer.play(measure)[:1] if leads and not ends else []
            return [replace(event, start=measure.start, end=measure.end) for event in events]
        return self._drummer.play(measure) if ends or measure.index % every == 0 else []

    def _placed_hits(self, measure: Measure) -> list[NoteEvent]:
        """The hits where the musician wants them, to the last bar: nobody else ends the piece."""
        chart, rng = self._chart, self._chart.random_for("drums", measure.index)
        energy = chart.section_at(measure).energy
        return leave_out_rests(place_drum(chart.placed[0], [], measure, chart, energy, rng), chart)


class PitchedDrummer:
    """Plays a drum with a pitch: the tonic or the dominant that suits the chord, or the chord's own root."""

    def __init__(self, chart: Chart, drum: SingleDrum, instrument: Instrument) -> None:
        self._chart, self._drum, self._instrument = chart, drum, instrument
        self._drummer = SingleDrummer(chart, drum)

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        spans = self._chart.chord_spans(measure)
        events = self._drummer.play(measure)
        ends = [*(event.start for event in events[1:]), measure.end]
        made = []
        for event, end in zip(events, ends, strict=True):
            chord = next((span.chord for span in reversed(spans) if span.start <= event.start + 1e-6), None)
            pitch = self._place_note(self._pitch_class(DRUM_NAMES[event.pitch], chord))
            pitch += (
                12
                if event.pitch == DRUM_PITCHES[_WRITTEN_AS["octave"]] and pitch + 12 <= self._instrument.high
                else 0
            )
            made.append(replace(event, pitch=pitch, end=max(end, event.start + 1e-3)))
        return made

    def _pitch_class(self, written: str, chord: Chord | None) -> int:
        key = self._chart.key
        dominant = (key.tonic + _FIFTH) % 12
        if self._drum.follows_chords and chord is not None:
            return (chord.root + _FIFTH) % 12 if written == _WRITTEN_AS["fifth"] else chord.root
        if written == _WRITTEN_AS["fifth"]:
            return dominant
        fits = [tone for tone in (key.tonic, dominant) if chord is None or tone in chord.pitch_classes]
        return fits[0] if fits or chord is None else chord.root

    def _place_note(self, pitch_class: int) -> int:
        low = self._drum.register - 6
        pitch = low + (pitch_class - low) % 12
        return pitch if pitch >= self._instrument.low else pitch + 12
