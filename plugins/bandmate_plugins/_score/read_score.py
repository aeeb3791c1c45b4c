"""What is read from a score: notes and chords in quarters, tempo and metre."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

MAX_NOTES = 100_000
MAX_BARS = 10_000
JUMPS_REMARK = "Jumps in the score, such as D.C. or an order of its parts, are not played."


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note; ties are joined."""

    start: Fraction
    """In quarters from the start of the first bar, which counts as full if it is a pickup."""
    end: Fraction
    pitch: int


@dataclass(frozen=True, slots=True)
class ReadBar:
    """A bar."""

    start: Fraction
    """In quarters."""
    metre: tuple[int, int]


@dataclass
class ReadPart:
    """The notes of a voice."""

    name: str
    notes: list[ReadNote] = field(default_factory=list)


@dataclass
class ReadScore:
    """A score as it was read."""

    parts: list[ReadPart] = field(default_factory=list)
    """Those with notes."""
    bars: list[ReadBar] = field(default_factory=list)
    """Of the first voice."""
    chords: list[tuple[Fraction, str]] = field(default_factory=list)
    """Symbols by their places in quarters; `N.C.` for no chord."""
    tempi: list[tuple[Fraction, float]] = field(default_factory=list)
    """Quarter notes a minute by their places in quarters."""
    key: str = ""
    """The first key signature with its mode, such as `F major`; empty where the score names none."""
    remarks: list[str] = field(default_factory=list)
    """What was not read."""


class NoteWriter:
    """Collects the notes of one voice in order, and joins ties."""

    def __init__(self, name: str) -> None:
        self.part = ReadPart(name)
        self._open: dict[int, int] = {}
        """By pitch, the number of the note that is tied on."""

    def add(self, start: Fraction, end: Fraction, pitch: int, *, tied_on: bool) -> None:
        """A note. What was tied on and is not here ends where it ended."""
        notes = self.part.notes
        before = self._open.pop(pitch, None)
        if before is not None and notes[before].end == start:
            notes[before] = ReadNote(notes[before].start, end, pitch)
            at = before
        else:
            notes.append(ReadNote(start, end, pitch))
            at = len(notes) - 1
        if tied_on:
            self._open[pitch] = at
        if len(notes) > MAX_NOTES:
            raise score_error("It has too many notes.", "Give a shorter score.")


def score_error(reason: str, remedy: str = "Export it again from the program that wrote it.") -> RequestError:
    """The error (`file_unusable`) for a score that cannot be read."""
    return RequestError(
        ErrorCode.FILE_UNUSABLE, say("The score cannot be read. {reason}", reason=reason), remedy
    )


def shift_pickup(score: ReadScore, first_length: Fraction) -> None:
    """Moves a score whose first bar is `first_length` quarters long, and so a pickup, to the end of a full bar."""
    if not score.bars:
        return
    numerator, denominator = score.bars[0].metre
    late = Fraction(4 * numerator, denominator) - first_length
    if late <= 0:
        return
    score.bars[1:] = [ReadBar(bar.start + late, bar.metre) for bar in score.bars[1:]]
    score.chords[:] = [(place + late, symbol) for place, symbol in score.chords]
    score.tempi[:] = [(place + late if place else place, bpm) for place, bpm in score.tempi]
    for part in score.parts:
        part.notes[:] = [ReadNote(one.start + late, one.end + late, one.pitch) for one in part.notes]
