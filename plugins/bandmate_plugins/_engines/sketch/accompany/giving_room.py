"""What other audio leaves free, and players who leave room for it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec

from bandmate_plugins._engines.sketch.accompany.reading import HarmonisedTranscript
from bandmate_plugins._engines.sketch.cover.stage import first_audible
from bandmate_plugins._engines.sketch.library import Genre, Instrument, LineStyle
from bandmate_plugins._engines.sketch.players.band import Band, BandPart, avoid_melody
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.theory.measures import Measure, felt_grid
from bandmate_plugins._listening.melody.lines import MELODY
from bandmate_plugins._listening.transcript import TranscribedPassage, Transcript
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest

_BUSY = 1.6
"""Notes a beat from which on a melody leaves room for long chords only."""
_HELD_VELOCITY = 62
_ON_BEAT = 0.06
"""Quarters within which a stroke is on a beat."""
_APART = 9
"""Semitones that keys, and long tones, keep from the middle of a melody."""
_LEAST_ABOVE = 4
"""Semitones above a melody that long tones need; otherwise they go below it."""


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
        centre: float | None = None,
        *,
        sparse: bool = False,
    ) -> None:
        """`centre`: the MIDI note around which what is there lies; the long tones keep away from it.

        `sparse`: there are long tones only in every second measure of a melody that does not rest.
        """
        self._own, self._reading, self._chart = hire(), reading, chart
        self._instrument, self._sparse = instrument, sparse
        self._last = _free_register(centre, chart.genre.lead, instrument)

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time."""
        sung = self._reading.melody_times(measure)
        answers = [
            event
            for event in self._own.play(measure)
            if not any(start < event.start + 0.1 and event.start < end for start, end in sung)
        ]
        if self._sparse and (not sung or measure.index % 2):
            return answers
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


def melody_centre(heard: TranscribedPassage) -> float | None:
    """The note around which the melody lies."""
    if not heard.clear.has_melody or not heard.melody:
        return None
    pitches = sorted(note.pitch for note in heard.melody)
    return float(pitches[len(pitches) // 2])


def _free_register(centre: float | None, line: LineStyle, instrument: Instrument) -> int:
    """The note around which long tones lie: above a melody where the instrument reaches that, as less sounds there."""
    low, high = instrument.low + 5, instrument.high - 7
    if centre is not None and high >= centre + _LEAST_ABOVE:
        return round(min(max(centre + _APART, low), high))
    return min(max(avoid_melody(centre, line, instrument).register, low), high)


def avoid_register(genre: Genre, middle: float | None) -> Genre:
    """A style whose keys keep away from the register of a melody."""
    keys = genre.keyboard
    if middle is None or abs(keys.register - middle) >= _APART:
        return genre
    register = middle - _APART if middle - _APART >= 50 else middle + _APART + 2
    moved: LineStyle = msgspec.structs.replace(keys, register=round(register))
    return msgspec.structs.replace(genre, keyboard=moved)


def leave_room(
    band: Band, reading: HarmonisedTranscript, centre: float | None = None, *, sparse: bool = False
) -> tuple[BandPart, ...]:
    """Keys that thin out under quick notes, and leads that answer; `centre` and `sparse` as there."""
    made: list[BandPart] = []
    for part in band.parts:
        if part.kind == "keys":
            part = replace(part, hire=partial(SparseMusician, part.hire, reading))
        elif part.kind == "lead" and part.instrument is not None:
            hire = partial(
                AnsweringMusician, part.hire, reading, band.chart, part.instrument, centre, sparse=sparse
            )
            part = replace(part, hire=hire)
        made.append(part)
    return tuple(made)


@dataclass(frozen=True)
class SongRoom:
    """What a song leaves free: where its melody lies, and when that sounds."""

    reading: HarmonisedTranscript
    centre: float | None
    """The MIDI note around which the melody lies; None where none is clear."""

    def adapt_band(self, band: Band) -> Band:
        """A band whose keys thin out under the melody, and whose lead answers it."""
        if self.centre is None:
            return band
        return replace(band, parts=leave_room(band, self.reading, self.centre, sparse=True))

    def adapt_chart(self, chart: Chart) -> Chart:
        """A chart whose keys keep away from the melody."""
        return replace(chart, genre=avoid_register(chart.genre, self.centre))


def find_room(
    request: TaskRequest[Any], song: AudioInput, key: Key | None, context: TaskContext
) -> Generator[Output, None, SongRoom]:
    """What the audio of a song leaves free for new parts; all of it where no melody is clear."""
    music = MusicalRange(request.timeline, request.tempo)
    transcript = Transcript(song, music.timeline, MELODY, context.check, "", felt_grid(music))
    transcript.key = key
    heard = yield from first_audible(transcript)
    return SongRoom(HarmonisedTranscript(transcript, music, key), melody_centre(heard))
