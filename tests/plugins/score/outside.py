"""What another program reads in a score: music21, from the text alone."""

from __future__ import annotations

from fractions import Fraction

import music21
from music21.harmony import ChordSymbol, NoChord

Sounding = list[tuple[Fraction, Fraction, tuple[int, ...]]]
"""Start and length in quarters, and MIDI note numbers."""


def read(text: str) -> music21.stream.Score:
    kind = "abc" if text.startswith("X:") else "musicxml"
    found = music21.converter.parse(text, format=kind, forceSource=True)
    assert isinstance(found, music21.stream.Score)
    return found


def sounding(text: str) -> list[Sounding]:
    """The notes of each part, with tied ones as one."""
    found = []
    for part in read(text).parts:
        notes: Sounding = []
        open_ends: dict[tuple[int, ...], int] = {}
        for note in part.flatten().notes:
            if isinstance(note, ChordSymbol | NoChord):
                continue
            pitches = tuple(sorted(pitch.midi for pitch in note.pitches))
            start, length = (
                Fraction(value).limit_denominator(96) for value in (note.offset, note.quarterLength)
            )
            if note.tie is not None and note.tie.type in ("stop", "continue"):
                at = open_ends[pitches]
                notes[at] = (notes[at][0], notes[at][1] + length, pitches)
            else:
                notes.append((start, length, pitches))
                open_ends[pitches] = len(notes) - 1
        found.append(notes)
    return found


def chords(text: str) -> list[tuple[float, str]]:
    """Chord symbols by their places, as music21 writes them."""
    score = read(text)
    symbols = score.recurse().getElementsByClass(ChordSymbol)
    return [(float(one.getOffsetInHierarchy(score)), one.figure) for one in symbols if one.figure != "N.C."]


def roots(text: str) -> list[str]:
    """The roots of the chord symbols."""
    symbols = read(text).recurse().getElementsByClass(ChordSymbol)
    return [one.root().name for one in symbols if one.figure != "N.C."]


def bars(text: str) -> list[tuple[float, float]]:
    """Start and length of each bar of the first part, by what is in it."""
    first = read(text).parts[0]
    return [
        (float(one.offset), float(one.duration.quarterLength)) for one in first.getElementsByClass("Measure")
    ]


def tempi(text: str) -> list[tuple[float, float]]:
    """Where a tempo begins in the first part, and which."""
    first = read(text).parts[0]
    marks = first.recurse().getElementsByClass(music21.tempo.MetronomeMark)
    return sorted({(float(one.getOffsetInHierarchy(first)), float(one.number)) for one in marks})
