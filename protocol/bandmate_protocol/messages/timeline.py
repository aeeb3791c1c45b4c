"""Where in a project something is, and how musical time runs there."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_protocol.messages._base import MessagePart
from bandmate_protocol.messages.stems import Note
from bandmate_protocol.units import Bpm, FractionalFrames, Label, SampleRate, WholeFrames


class TempoPoint(MessagePart, frozen=True, kw_only=True):
    """Tempo and metre from a position on."""

    position: FractionalFrames
    """Absolute, in frames of the project."""
    bpm: Bpm
    """Quarter notes per minute, whatever the metre's denominator."""
    numerator: Annotated[int, Meta(ge=1, le=255)] = 4
    """Beats of a bar."""
    denominator: Annotated[int, Meta(ge=1, le=255)] = 4
    """What note a beat is; any number, 8 for eighths."""
    shape: Literal["square", "linear"] = "square"
    """`square` holds the tempo until the next point; `linear` runs evenly in time to the next one's."""
    starts_bar: bool = False
    """A bar begins here, cutting short the one before if need be (as a metre marker does)."""


class ChordMark(MessagePart, frozen=True, kw_only=True):
    """A chord that sounds from a position on, such as `Am7` or `F/C`; `N` for none."""

    position: WholeFrames
    """In the project."""
    symbol: Annotated[str, Meta(min_length=1, max_length=32)]
    """Root, quality, and the bass after a slash."""


NOTES_OFF = "off"
"""The value of the parameter `notes` of a task that plays no given notes."""
MAX_GIVEN_PARTS = 64
MAX_GIVEN_NOTES = 16_384
"""The most notes of one part, and of all parts of a request together."""


class GivenPart(MessagePart, frozen=True, kw_only=True):
    """Notes that the musician gives to be played: a track of a MIDI file, or the MIDI items of a track."""

    name: Label = ""
    """Of the track, if it has one."""
    program: Annotated[int, Meta(ge=0, le=127)] | None = None
    """The General MIDI program that the track asks for, counted from 0."""
    use: Annotated[str, Meta(max_length=32)] = ""
    """What it is, such as `melody`, where parts of several uses are given; empty where the task's `notes` says it."""
    notes: Annotated[tuple[Note, ...], Meta(max_length=MAX_GIVEN_NOTES)] = ()
    """Counted from the start of the range; a note that the sustain pedal holds is as long as it sounds."""


class SectionMark(MessagePart, frozen=True, kw_only=True):
    """A named part of the form, such as `Verse 2` or `B`: a region of the project, or from one marker to the next."""

    start_frame: WholeFrames
    """In the project; it may begin before the range."""
    end_frame: WholeFrames
    """Exclusive; it may end after the range."""
    name: Label
    """As the project has it; may be empty."""


class Timeline(MessagePart, frozen=True, kw_only=True):
    """A range of a project with the musical time that runs through it.

    The length is `end_frame - start_frame`; both were rounded from absolute time, never summed.
    `tempo` holds the point in force at the start, every point inside, and the one that a linear point runs
    to.
    """

    sample_rate: SampleRate
    """The project's."""
    start_frame: WholeFrames
    """Where the range starts in the project."""
    end_frame: WholeFrames
    """Exclusive."""
    tempo: Annotated[tuple[TempoPoint, ...], Meta(min_length=1, max_length=4096)]
    """In ascending order of position; the first is at or before `start_frame`."""
    bar: Annotated[int, Meta(ge=-100_000, le=10_000_000)] = 1
    """Number of the bar in which the range begins, as the project counts."""
    beat: Annotated[float, Meta(ge=-1, le=255)] = 0.0
    """Beats of the denominator since that bar began; below zero where its line is less than a frame ahead."""
    context_before_frames: WholeFrames = 0
    """How much audio before the range the inputs carry."""
    context_after_frames: WholeFrames = 0
    """How much audio after the range the inputs carry."""
    key: Label | None = None
    """Such as `A minor` or `F# dorian`."""
    chords: Annotated[tuple[ChordMark, ...], Meta(max_length=4096)] = ()
    """In ascending order of position; those before and after the range are context."""
    parts: Annotated[tuple[GivenPart, ...], Meta(max_length=MAX_GIVEN_PARTS)] = ()
    """Notes to be played in the range; the task's parameter `notes` says how. A list of several jobs leaves the
    notes out."""
    sections: Annotated[tuple[SectionMark, ...], Meta(max_length=1024)] = ()
    """The form, in ascending order of start: sections that overlap the range, and one that begins at its end."""

    @property
    def frames(self) -> int:
        """The length of the range in frames."""
        return self.end_frame - self.start_frame

    @property
    def seconds(self) -> float:
        """The length of the range in seconds, for display."""
        return self.frames / self.sample_rate
