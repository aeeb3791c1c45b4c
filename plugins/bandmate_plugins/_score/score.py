"""A score: bars, and the events of each voice in them, in quarter notes as exact fractions."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from bandmate_plugins._theory.keys import Key

QUARTER = Fraction(1)


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """A bar."""

    number: int
    """As the project counts."""
    start: Fraction
    """In quarters from the start of the score."""
    length: Fraction
    """In quarters; shorter than its metre where it is a pickup or is cut short."""
    metre: tuple[int, int]
    is_pickup: bool = False

    @property
    def end(self) -> Fraction:
        """Where the next bar begins."""
        return self.start + self.length

    @property
    def beat(self) -> Fraction:
        """The beat by which note values are found: a quarter, or the metre's own beat where that is shorter."""
        return min(QUARTER, Fraction(4, self.metre[1]))


@dataclass(frozen=True, slots=True)
class ScoreMarks:
    """What is written over an event."""

    chord: str = ""
    """A chord symbol; `N` for no chord."""
    section: str = ""
    """A rehearsal mark."""
    bpm: float | None = None
    """Quarter notes a minute from here on."""


NO_MARKS = ScoreMarks()


@dataclass(frozen=True, slots=True)
class ScoreEvent:
    """A note, several notes at once, or a rest, inside one bar and of one note value."""

    start: Fraction
    """In quarters from the start of the score."""
    length: Fraction
    """As it sounds, in quarters."""
    pitches: tuple[int, ...] = ()
    """MIDI note numbers in rising order; empty for a rest."""
    is_tied_on: bool = False
    """It goes on in the next event."""
    is_tied_back: bool = False
    """It goes on from the event before."""
    triplet: tuple[int, int] | None = None
    """Its place in a triplet and how many events that has; three are played in the time of two."""
    marks: ScoreMarks = NO_MARKS

    @property
    def written(self) -> Fraction:
        """The note value: that of a triplet is longer than it sounds."""
        return self.length * Fraction(3, 2) if self.triplet else self.length


@dataclass(frozen=True)
class ScoreVoice:
    """One line of the score, with at most one event at a time."""

    name: str
    bars: tuple[tuple[ScoreEvent, ...], ...]
    """The events of each bar, which fill it."""

    @property
    def is_low(self) -> bool:
        """Whether a bass clef suits it."""
        pitches = sorted(pitch for bar in self.bars for event in bar for pitch in event.pitches)
        return bool(pitches) and pitches[len(pitches) // 2] < 55


@dataclass(frozen=True)
class Score:
    """A piece, or a range of a project."""

    title: str
    bars: tuple[ScoreBar, ...]
    voices: tuple[ScoreVoice, ...]
    """At least one; chords, sections and tempi stand over the first."""
    key: Key | None = None
    remarks: tuple[str, ...] = field(default=())
    """What is not in it, and why."""
