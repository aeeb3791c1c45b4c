"""Plays in a manner: what a prompt says of how a part is played, on the notes of whoever plays it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from bandmate_plugins._engines.sketch.library import Instrument, LineStyle
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.library.manners import MannerEffect
from bandmate_plugins._engines.sketch.players import touches
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent
from bandmate_plugins._engines.sketch.players.density import DensityMusician
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.players.riff import RiffMusician
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._engines.sketch.theory.section_places import TimeSpan

_BUILD_VELOCITY = (0.55, 1.12)
"""What a build multiplies velocities by, at its beginning and at its end."""
_BUILD_DENSITY = 0.8
_FILL = ("snare", "high_tom", "mid_tom", "low_tom")
_FILL_VELOCITY = (72, 116)
_FILL_GROWTH = (0.85, 1.25)
"""What velocities are multiplied by at the beginning of a pitched fill and at its end."""
_RIFF_ABOVE_LOW = 9
"""Semitones from a guitar's lowest note to the middle of its riffs."""
_RING = 0.25
_NEAR = 1e-3
"""Quarters within which two times are one."""


def manner_line(line: LineStyle, patterns: tuple[str, ...]) -> LineStyle:
    """A style's line in the rhythm of a manner, if it has one."""
    return msgspec.structs.replace(line, patterns=patterns, style="pattern") if patterns else line


def chord_line(line: LineStyle, instrument: Instrument) -> LineStyle:
    """The chords of a style for an instrument that otherwise plays the melody, in its own register."""
    register = min(max(line.register, instrument.low + 9), instrument.high - 7)
    return msgspec.structs.replace(line, register=register, rootless=False)


def riff_line(keyboard: LineStyle, lead: LineStyle, instrument: Instrument) -> LineStyle:
    """A line of single low notes in the rhythm of a style's chords, for a guitar that plays a riff."""
    return msgspec.structs.replace(
        lead,
        patterns=keyboard.patterns or lead.patterns,
        register=instrument.low + _RIFF_ABOVE_LOW,
        scale="pentatonic",
        lag_ms=keyboard.lag_ms,
    )


def in_manner(
    hire: Callable[[], Musician], chart: Chart, manner: MannerEffect, name: str, instrument: Instrument | None
) -> Callable[[], Musician]:
    """The player of a part called `name`, in a manner; `instrument` is None for drums."""
    if manner == MannerEffect(words=()):
        return hire
    return partial(_hire_in_manner, hire, chart, manner, name, instrument)


def _hire_in_manner(
    hire: Callable[[], Musician], chart: Chart, manner: MannerEffect, name: str, instrument: Instrument | None
) -> Musician:
    player = hire()
    if manner.riff and instrument is not None:
        player = RiffMusician(player, chart, instrument)
    if manner.density:
        player = DensityMusician(player, chart, name, manner.density, instrument is None)
    if instrument is not None:
        player = TouchMusician(player, chart, manner, instrument)
        if manner.fill:
            player = PitchedFillMusician(player, chart, name)
    elif manner.fill:
        player = FillMusician(player, chart)
    return BuildMusician(player, chart, name, instrument is None) if manner.build else player


class TouchMusician:
    """A player of a pitched instrument, with another touch."""

    def __init__(self, inner: Musician, chart: Chart, manner: MannerEffect, instrument: Instrument) -> None:
        self._inner, self._chart, self._manner, self._instrument = inner, chart, manner, instrument

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        events, manner = self._inner.play(measure), self._manner
        if not events:
            return events
        spans = self._chart.chord_spans(measure)
        if manner.power:
            events = touches.play_power_chords(events, spans, self._instrument)
        if manner.hold:
            events = touches.hold_chords(events, spans)
        events = self._in_octaves(events, measure)
        if manner.density > 0:
            events = touches.fill_gaps(events, measure)
        if manner.connect:
            events = touches.connect_notes(events, measure)
        if manner.repeats:
            events = touches.repeat_notes(events, manner.repeats, measure)
        if manner.length != 1.0:
            events = touches.scale_lengths(events, manner.length, measure)
        if manner.strum_ms:
            events = touches.strum_chords(events, manner.strum_ms, measure)
        return touches.sort_events(events)

    def _in_octaves(self, events: list[NoteEvent], measure: Measure) -> list[NoteEvent]:
        manner = self._manner
        if manner.octaves:
            events = touches.add_octaves(events, self._instrument, measure)
        if manner.join_octaves:
            events = touches.join_octaves(events)
        if manner.transpose:
            events = touches.move_octaves(events, manner.transpose, self._instrument)
        return events


class BuildMusician:
    """A player who begins softly with few notes, and ends loud with many."""

    def __init__(self, inner: Musician, chart: Chart, name: str, drums: bool) -> None:
        self._inner, self._chart = inner, chart
        self._name, self._drums = name, drums

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        if self._chart.builds and not self._span_at(measure):
            return self._inner.play(measure)
        place = self._progress(measure)
        amount = _BUILD_DENSITY * (2 * place - 1)
        player = DensityMusician(self._inner, self._chart, self._name, amount, self._drums)
        first, last = _BUILD_VELOCITY
        return touches.change_velocities(player.play(measure), first + (last - first) * place)

    def _progress(self, measure: Measure) -> float:
        """From 0 in the first measure to 1 in the last that is known, or of the build."""
        if span := self._span_at(measure):
            start, end = span
            return min(max((measure.start - start) / max(end - start - measure.quarters, _NEAR), 0.0), 1.0)
        section = self._chart.form.sections[-1]
        return min(measure.index / max(section.first + section.measures - 1, 1), 1.0)

    def _span_at(self, measure: Measure) -> TimeSpan | None:
        middle = measure.start + measure.quarters / 2
        return next((span for span in self._chart.builds if span[0] - _NEAR <= middle < span[1]), None)


def _is_fill(chart: Chart, measure: Measure) -> bool:
    """Whether a measure is one that a prompt wants a fill in."""
    return measure.left == 0 if chart.fills is None else chart.fills.ends_with(measure)


class PitchedFillMusician:
    """A player of a pitched instrument whose last measure is full of notes, louder and louder."""

    def __init__(self, inner: Musician, chart: Chart, name: str) -> None:
        self._inner, self._chart = inner, chart
        self._busy = DensityMusician(inner, chart, name, 1.0, drums=False)

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        if not _is_fill(self._chart, measure):
            return self._inner.play(measure)
        events = touches.fill_gaps(self._busy.play(measure), measure)
        low, high = _FILL_GROWTH
        return [
            one
            for event in events
            for one in touches.change_velocities(
                [event], low + (high - low) * (event.start - measure.start) / measure.quarters
            )
        ]


class FillMusician:
    """A drummer who fills the last measure, or those that are asked for: round the toms, louder and louder."""

    def __init__(self, inner: Musician, chart: Chart) -> None:
        self._inner, self._chart = inner, chart

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The hits of a measure, by time."""
        events = self._inner.play(measure)
        if not _is_fill(self._chart, measure):
            return events
        count = len(measure.beats)
        beats = measure.beats[1:] if measure.index and count > 1 else measure.beats
        kept = [event for event in events if event.start < beats[0].start - 1e-3]
        starts = [
            beat.start + step * beat.quarters / len(beat.steps)
            for beat in beats
            for step in range(len(beat.steps))
        ]
        low, high = _FILL_VELOCITY
        for place, start in enumerate(starts):
            drum = _FILL[place * len(_FILL) // len(starts)]
            velocity = low + (high - low) * place // max(len(starts) - 1, 1)
            kept.append(NoteEvent(start, start + _RING, DRUM_PITCHES[drum], velocity))
        kick = DRUM_PITCHES["kick"]
        kept += [NoteEvent(beat.start, beat.start + _RING, kick, 92) for beat in beats]
        return touches.sort_events([event for event in kept if event.start < measure.end - 1e-6])
