"""Single drums as parts of their own, from `layers.toml`, and players who leave room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from importlib import resources

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.accompany.reading import HarmonisedTranscript
from bandmate_plugins._engines.sketch.library import DrumPattern, DrumStyle, Instrument, Pattern
from bandmate_plugins._engines.sketch.players.band import BandPart, Musician
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent
from bandmate_plugins._engines.sketch.players.drum_tuning import tune_kit
from bandmate_plugins._engines.sketch.players.drummer import Drummer
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._engines.sketch.words.prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.terms import fold_term

_BUSY = 1.6
"""Notes a beat from which on a melody leaves room for long chords only."""
_FULL_KIT = "studio"
"""Where the style's kit has no such drum, that of this one is played."""
_HELD_VELOCITY = 62
_ON_BEAT = 0.06
"""Quarters within which a stroke is on a beat."""


class DrumLayer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One drum that can be added by itself."""

    title: str
    words: tuple[str, ...]
    role: str
    lines: dict[str, Pattern]


@lru_cache(maxsize=1)
def drum_layers() -> dict[str, DrumLayer]:
    """All single drums by name."""
    file = resources.files("bandmate_plugins._engines.sketch.accompany").joinpath("layers.toml")
    return msgspec.toml.decode(file.read_bytes(), type=dict[str, DrumLayer])


def match_layers(wish: ParsedPrompt) -> list[DrumLayer]:
    """The single drums that a prompt names; none where it wants the whole kit."""
    if "drums" in wish.parts or wish.kit or wish.band:
        return []
    words = {fold_term(word) for word in wish.used}
    words |= {word[:-1] for word in words if word.endswith("s")}
    return [layer for layer in drum_layers().values() if words & {fold_term(word) for word in layer.words}]


def layer_part(layer: DrumLayer, drums: BandPart, chart: Chart) -> BandPart:
    """The part of a single drum: the style's own lines for it, else the layer's."""
    own = [
        DrumPattern(
            energy=beats.energy,
            lines={name: beats.lines[name] for name in layer.lines if name in beats.lines},
        )
        for beats in chart.genre.drums.beats
    ]
    beats = tuple(one for one in own if one.lines) or (DrumPattern(lines=layer.lines),)
    alone = DrumStyle(kit=chart.genre.drums.kit, beats=beats, ghosts=1.0, lag_ms=chart.genre.drums.lag_ms)
    genre = msgspec.structs.replace(chart.genre, drums=alone)
    hire = partial(Drummer, replace(chart, genre=genre))
    part = replace(drums, name=layer.title, role=layer.role, hire=hire)
    wanted = {name for one in beats for name in one.lines}
    if drums.kit is not None and wanted <= set(drums.kit.drums):
        return part
    kit = tune_kit(library.kits()[_FULL_KIT], chart.key, chart.tuning_cents)
    return replace(part, kit=kit, sound_name=_FULL_KIT)


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
