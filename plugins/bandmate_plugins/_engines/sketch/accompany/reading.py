"""What an accompaniment reads: the chords of a mix as they were heard, or chords for a melody alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from bandmate_plugins._engines.sketch.accompany.harmony import MelodyCell, harmonise_melody, melody_key
from bandmate_plugins._engines.sketch.cover.reading import MeasureTranscript
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._listening.melody.lines import (
    MIN_SOLO_DOMINANCE,
    LineSearch,
    TranscribedNote,
)
from bandmate_plugins._listening.transcript import TranscribedPassage, Transcript
from bandmate_plugins._theory.chords import Chord
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.tempo import TempoMap

SOLO = LineSearch(43, 94, 1.0, 0.75, 0.2, 0.07, 0.8, 1.0)
"""A line that may be a voice or an instrument of any register."""
_REST_SECONDS = 0.5


def is_solo(stretch: TranscribedPassage) -> bool:
    """Whether a melody sounds by itself, with no chords."""
    return stretch.clear.has_melody and stretch.clear.melody >= MIN_SOLO_DOMINANCE


class HarmonisedTranscript(MeasureTranscript):
    """Chords for a solo part; those of a mix are as `MeasureTranscript` has them."""

    def __init__(self, transcript: Transcript, music: MusicalRange, key: Key | None) -> None:
        super().__init__(transcript, music)
        self._given = key
        self._found: dict[float, list[tuple[float, Chord]]] = {}
        self.key: Key | None = key
        """The project's, else that of the first melody whose key is clear."""

    def chords_between(self, start: float, end: float) -> list[tuple[float, Chord | None]]:
        """The chord at a place in quarters, and those that follow up to another."""
        stretch = self._transcript.passage_at(self._tempo.position_at(start))
        if not is_solo(stretch):
            return super().chords_between(start, end)
        marks = self.harmonise_passage(stretch)
        if not marks:
            return []
        at = max(bisect_right([place for place, _ in marks], start + 1e-6) - 1, 0)
        inside = [(place, chord) for place, chord in marks[at + 1 :] if place < end - 1e-6]
        return [(start, marks[at][1]), *inside]

    def harmonise_passage(self, stretch: TranscribedPassage) -> list[tuple[float, Chord]]:
        """The chords found for a stretch, by quarters."""
        if stretch.start not in self._found:
            borders = [*stretch.measures, stretch.end]
            cells = melody_cells(stretch.melody, borders, self._tempo, self._rate)
            key, clear = melody_key(cells, len(stretch.melody))
            if self._given is not None:
                key, clear = self._given, True
            elif clear and self.key is None:
                self.key = key
            self._found[stretch.start] = harmonise_melody(cells, key, clear)
        return self._found[stretch.start]

    def melody_times(self, measure: Measure) -> list[tuple[float, float]]:
        """When the melody sounds in a measure, in quarters."""
        stretch = self.passage_at(measure)
        if not stretch.clear.has_melody:
            return []
        start, end = self._frame_range(measure)
        return [
            (self._tempo.quarters_at(note.start), self._tempo.quarters_at(note.end))
            for note in stretch.melody
            if note.start < end and note.end > start
        ]


def melody_cells(
    notes: Sequence[TranscribedNote], borders: Sequence[float], tempo: TempoMap, rate: int
) -> list[MelodyCell]:
    """A melody in half measures, or whole ones where these are short.

    `borders`: where measures begin, in frames, and where the last one ends.
    """
    rest = _REST_SECONDS * rate
    ends = [
        note.end
        for note, after in zip(notes, [*notes[1:], None], strict=True)
        if after is None or after.start - note.end > rest
    ]
    cells: list[MelodyCell] = []
    for number, (start, end) in enumerate(pairwise(borders)):
        halves = 2 if end - start > 1.6 * rate else 1
        size = (end - start) / halves
        for half in range(halves):
            low, high = start + half * size, start + (half + 1) * size
            closes = any(low < place <= high for place in ends) or (number % 4 == 3 and half == halves - 1)
            weights = _pitch_class_weights(notes, low, high, rest)
            cells.append(MelodyCell(tempo.quarters_at(low), half == 0, closes, weights))
    return cells


def _pitch_class_weights(
    notes: Sequence[TranscribedNote], start: float, end: float, unit: float
) -> tuple[float, ...]:
    """How long each pitch class sounds, next to half a second; what the cell begins with counts twice."""
    found = [0.0] * 12
    for note in notes:
        if note.end <= start or note.start >= end:
            continue
        length = (min(note.end, end) - max(note.start, start)) / unit
        strong = 2.0 if note.start < start + 0.15 * (end - start) else 1.0
        found[note.pitch % 12] += length * strong
    return tuple(found)
