"""Notes of a voice as events: cut at barlines, triplets and marks, tied where they go on, with rests between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from bandmate_plugins._score.note_values import is_note_value, split_values
from bandmate_plugins._score.quantise import QuantisedVoice, WrittenNotes
from bandmate_plugins._score.score import NO_MARKS, ScoreBar, ScoreEvent, ScoreMarks

Marks = Mapping[Fraction, ScoreMarks]


def voice_events(
    voice: QuantisedVoice, bars: Sequence[ScoreBar], marks: Marks
) -> tuple[tuple[ScoreEvent, ...], ...]:
    """The events of each bar; `marks` are over those that begin at their places."""
    inside = [beat for beat in voice.triplet_beats if _is_divided(beat, voice.notes)]
    cuts = sorted({bar.start for bar in bars} | {edge for beat in inside for edge in beat} | set(marks))
    pieces = [piece for note in _with_rests(voice.notes, bars[-1].end) for piece in _cut(note, cuts)]
    found: list[list[ScoreEvent]] = [[] for _ in bars]
    starts = [bar.start for bar in bars]
    for piece in pieces:
        at = bisect_right(starts, piece.start) - 1
        found[at] += _valued(piece, bars[at], inside)
    return tuple(tuple(_marked(_counted(events, inside), marks)) for events in found)


def _is_divided(beat: tuple[Fraction, Fraction], notes: Sequence[WrittenNotes]) -> bool:
    """Whether a note of this voice begins or ends inside a beat."""
    return any(beat[0] < edge < beat[1] for note in notes for edge in (note.start, note.end))


def _with_rests(notes: Sequence[WrittenNotes], end: Fraction) -> Iterator[WrittenNotes]:
    place = Fraction(0)
    for note in notes:
        if note.start > place:
            yield WrittenNotes(place, note.start, ())
        yield note
        place = note.end
    if place < end:
        yield WrittenNotes(place, end, ())


def _cut(note: WrittenNotes, cuts: Sequence[Fraction]) -> Iterator[ScoreEvent]:
    """A note in pieces that are tied; a rest in pieces."""
    inner = cuts[bisect_right(cuts, note.start) : bisect_left(cuts, note.end)]
    edges = [note.start, *inner, note.end]
    last = len(edges) - 2
    for number in range(last + 1):
        start, end = edges[number], edges[number + 1]
        sounds = bool(note.pitches)
        yield ScoreEvent(start, end - start, note.pitches, sounds and number < last, sounds and number > 0)


def _valued(
    piece: ScoreEvent, bar: ScoreBar, triplets: Sequence[tuple[Fraction, Fraction]]
) -> Iterator[ScoreEvent]:
    """A piece as events of one note value each."""
    in_triplet = any(
        start <= piece.start and piece.start + piece.length <= end and piece.length < end - start
        for start, end in triplets
    )
    factor = Fraction(2, 3) if in_triplet else Fraction(1)
    values = [piece.length / factor]
    if not is_note_value(values[0]):
        values = list(split_values((piece.start - bar.start) / factor, values[0], bar.beat / factor))
    start = piece.start
    for number, value in enumerate(values):
        last = number == len(values) - 1
        sounds = bool(piece.pitches)
        yield replace(
            piece,
            start=start,
            length=value * factor,
            is_tied_on=piece.is_tied_on if last else sounds,
            is_tied_back=piece.is_tied_back if number == 0 else sounds,
            triplet=(0, 0) if in_triplet else None,
        )
        start += value * factor


def _counted(events: Sequence[ScoreEvent], triplets: Sequence[tuple[Fraction, Fraction]]) -> list[ScoreEvent]:
    """Events with their places in their triplets."""
    found = list(events)
    for start, end in triplets:
        members = [at for at, event in enumerate(found) if event.triplet and start <= event.start < end]
        for place, at in enumerate(members):
            found[at] = replace(found[at], triplet=(place, len(members)))
    return found


def _marked(events: Sequence[ScoreEvent], marks: Marks) -> Iterator[ScoreEvent]:
    for event in events:
        yield replace(event, marks=marks.get(event.start, NO_MARKS))
