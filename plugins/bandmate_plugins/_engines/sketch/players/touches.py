"""What manners of playing do to the notes of a measure: shorter, connected, strummed, in octaves, repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from bandmate_plugins._engines.sketch.library import Instrument
from bandmate_plugins._engines.sketch.players.chart import ChordSpan, NoteEvent
from bandmate_plugins._engines.sketch.theory.measures import Measure

_TOGETHER = 1e-3
"""Quarters within which notes begin together."""
_SHORT = 0.5
"""Factors below this make notes short, however long they were."""
_OCTAVE, _FIFTH = 12, 7
_LOW_CHORD = 60
"""The MIDI note from which on chords are doubled an octave below."""
_SPLIT_QUARTERS = 0.45
"""Bass notes from this length on are played as two."""
_ON_BEAT = 0.05
"""Quarters from a beat."""
_POWER_REGISTER = 45
"""The MIDI note around which power chords have their roots."""
_LOWEST_MOVED, _HIGHEST_MOVED = 21, 108
"""MIDI notes: those of a piano."""
_SOFTER = 7
"""By how much the velocity of repeated notes moves."""


def scale_lengths(events: list[NoteEvent], factor: float, measure: Measure) -> list[NoteEvent]:
    """Notes that are held for a part of their time; short ones for that part of a beat at most."""
    most = factor * measure.beats[0].quarters if factor < _SHORT else measure.quarters
    return [
        replace(event, end=event.start + min((event.end - event.start) * factor, most)) for event in events
    ]


def connect_notes(events: list[NoteEvent], measure: Measure) -> list[NoteEvent]:
    """Notes that last until the next ones begin, the last until the end of the measure."""
    starts = [group[0].start for group in _chords(events)]
    following = dict(zip(starts, [*starts[1:], measure.end], strict=True))
    return [
        replace(event, end=max(event.end, following[chord[0].start]))
        for chord in _chords(events)
        for event in chord
    ]


def hold_chords(events: list[NoteEvent], spans: Sequence[ChordSpan]) -> list[NoteEvent]:
    """The first notes under each chord, for as long as it lasts."""
    found: list[NoteEvent] = []
    for span in spans:
        chords = _chords([one for one in events if span.start - 0.01 <= one.start < span.end - 0.01])
        found += [replace(event, start=span.start, end=span.end) for event in chords[0]] if chords else []
    return found


def fill_gaps(events: list[NoteEvent], measure: Measure) -> list[NoteEvent]:
    """Notes that are struck again half-way to the next ones, where they have been let go by then."""
    step = min(beat.quarters / len(beat.steps) for beat in measure.beats)
    chords = _chords(events)
    found = list(events)
    for chord, following in zip(chords, [*chords[1:], None], strict=True):
        start = chord[0].start
        middle = start + ((following[0].start if following else measure.end) - start) / 2
        if middle - start >= step - _TOGETHER:
            found += [
                replace(
                    one,
                    start=middle,
                    end=middle + one.end - start,
                    velocity=max(one.velocity - 2 * _SOFTER, 1),
                )
                for one in chord
                if one.end <= middle + _TOGETHER
            ]
    return sort_events(found)


def strum_chords(events: list[NoteEvent], milliseconds: float, measure: Measure) -> list[NoteEvent]:
    """Chords whose notes follow one another: upwards on the beats, downwards between them."""
    beats = [beat.start for beat in measure.beats]
    found: list[NoteEvent] = []
    for chord in _chords(events):
        down = min(abs(chord[0].start - beat) for beat in beats) < 0.05
        order = sorted(chord, key=lambda event: event.pitch, reverse=not down)
        found += [
            replace(event, lag_ms=event.lag_ms + place * milliseconds) for place, event in enumerate(order)
        ]
    return found


def add_octaves(events: list[NoteEvent], instrument: Instrument, measure: Measure) -> list[NoteEvent]:
    """Notes in octaves: a bass leaps, everyone else plays both at once."""
    if instrument.part == "bass":
        return alternate_octaves(events, instrument, measure)
    return double_octaves(events, instrument)


def double_octaves(events: list[NoteEvent], instrument: Instrument) -> list[NoteEvent]:
    """Every note with the one an octave below it, or above where that is too low for it.

    Chords whose lowest note lies low get the octave above: below them it would be mud.
    """
    found = []
    for chord in _chords(events):
        lowest = min(event.pitch for event in chord)
        low = _LOW_CHORD if len(chord) > 1 else instrument.low + _OCTAVE
        down = lowest >= max(low, instrument.low + _OCTAVE)
        pitches = {event.pitch for event in chord}
        found += chord
        for event in chord:
            other = event.pitch + (-_OCTAVE if down else _OCTAVE)
            if other <= instrument.high and other not in pitches:
                pitches.add(other)
                found.append(replace(event, pitch=other))
    return found


def alternate_octaves(events: list[NoteEvent], instrument: Instrument, measure: Measure) -> list[NoteEvent]:
    """A bass line with its roots on the beats and their octaves between them; long notes are played as both.

    Octaves that the line has already are not moved.
    """
    beats = [beat.start for beat in measure.beats]
    pitches = {event.pitch for event in events}
    found: list[NoteEvent] = []
    for event in events:
        low = event.pitch - _OCTAVE if event.pitch - _OCTAVE in pitches else event.pitch
        high = low + _OCTAVE
        if high > instrument.high:
            low, high = low - _OCTAVE, low
        middle = (event.start + event.end) / 2
        if event.end - event.start >= _SPLIT_QUARTERS and low == event.pitch:
            found += [replace(event, pitch=low, end=middle), replace(event, start=middle, pitch=high)]
        else:
            on_beat = min(abs(event.start - beat) for beat in beats) < _ON_BEAT
            found.append(replace(event, pitch=low if on_beat else high))
    return found


def join_octaves(events: list[NoteEvent]) -> list[NoteEvent]:
    """Notes without leaps of an octave: what lies an octave above another note of the measure is played as that one."""
    pitches = {event.pitch for event in events}
    moved = [
        replace(event, pitch=event.pitch - _OCTAVE) if event.pitch - _OCTAVE in pitches else event
        for event in events
    ]
    return list({(event.start, event.pitch): event for event in moved}.values())


def move_octaves(events: list[NoteEvent], semitones: int, instrument: Instrument) -> list[NoteEvent]:
    """Notes moved by whole octaves, each as far as an instrument of that kind can be heard.

    An octave beyond the instrument's usual range is played, as musicians ask for it.
    """
    low = max(instrument.low - _OCTAVE, _LOWEST_MOVED)
    high = min(instrument.high + _OCTAVE, _HIGHEST_MOVED)
    found: list[NoteEvent] = []
    for event in events:
        pitch = event.pitch + semitones
        while pitch > high and pitch - _OCTAVE >= event.pitch:
            pitch -= _OCTAVE
        while pitch < low and pitch + _OCTAVE <= event.pitch:
            pitch += _OCTAVE
        found.append(replace(event, pitch=pitch))
    return found


def play_power_chords(
    events: list[NoteEvent], spans: Sequence[ChordSpan], instrument: Instrument
) -> list[NoteEvent]:
    """Root, fifth and octave of each chord, in the rhythm of the notes."""
    found: list[NoteEvent] = []
    for chord in _chords(events):
        root = _chord_root(chord[0], spans)
        if root is None:
            continue
        low = _POWER_REGISTER + (root - _POWER_REGISTER + 6) % _OCTAVE - 6
        while low < instrument.low:
            low += _OCTAVE
        pitches = [low, low + _FIFTH, low + _OCTAVE]
        found += [replace(chord[0], pitch=pitch) for pitch in pitches if pitch <= instrument.high]
    return found


def repeat_notes(events: list[NoteEvent], times: int, measure: Measure) -> list[NoteEvent]:
    """Notes that are struck again and again, so many times a beat."""
    step = measure.beats[0].quarters / times
    found: list[NoteEvent] = []
    for event in events:
        count = max(1, round((event.end - event.start) / step))
        size = (event.end - event.start) / count
        for number in range(count):
            start = event.start + number * size
            velocity = max(event.velocity - (_SOFTER if number % 2 else 0), 1)
            found.append(replace(event, start=start, end=start + size, velocity=velocity))
    return found


def change_velocities(events: list[NoteEvent], factor: float) -> list[NoteEvent]:
    """Notes that are played harder or softer."""
    return [replace(one, velocity=min(max(round(one.velocity * factor), 1), 127)) for one in events]


def sort_events(events: list[NoteEvent]) -> list[NoteEvent]:
    """Notes in order of time."""
    return sorted(events, key=lambda event: (event.start, event.pitch))


def _chords(events: list[NoteEvent]) -> list[list[NoteEvent]]:
    """Notes that begin together."""
    key: Callable[[NoteEvent], int] = lambda event: round(event.start / _TOGETHER)  # noqa: E731
    return [list(group) for _, group in groupby(sort_events(events), key)]


def _chord_root(event: NoteEvent, spans: Sequence[ChordSpan]) -> int | None:
    span = next((one for one in reversed(spans) if one.start <= event.start + 0.01), spans[0])
    return None if span.chord is None else span.chord.root
