"""What a job makes, and how it ends."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from bandmate_bridge.reaper.mailbox_messages.message_base import (
    FilePath,
    Identifier,
    JobNumber,
    MailboxMessage,
    MailboxPart,
    ProjectSeconds,
    Text,
)
from bandmate_bridge.reaper.mailbox_messages.project_facts import MetrePart
from bandmate_protocol.units import Bpm, Count, DurationSeconds, Index, JobId, Lufs, WholeFrames

_MAX_STEMS = 65_536
_MAX_NOTES = 1 << 20

MidiNumber = Annotated[int, Meta(ge=0, le=127)]


class StemPlace(MailboxPart, frozen=True, kw_only=True):
    """A stem: its file, and where it belongs in the project."""

    stem: Index
    name: Text
    role: Text = ""
    colour: Text = ""
    """#rrggbb; empty for none."""
    file: FilePath
    """The WAV file, of its full length from the start and silent where audio has yet to come."""
    position_seconds: ProjectSeconds
    """Where the stem begins."""
    length_seconds: DurationSeconds
    frames: WholeFrames = 0
    offset_seconds: DurationSeconds = 0.0
    """Where in the file the part begins."""
    part: Text | None = None
    """Of a take: which part of the item it is for. The parts of a redo have the same names."""
    begin_seconds: ProjectSeconds | None = None
    """Of a take: where the item is cut."""
    end_seconds: ProjectSeconds | None = None
    """Of a take: where the item is cut again."""


class JobMoved(MailboxMessage, frozen=True, kw_only=True, tag="progress"):
    """How far a job is."""

    job: JobId
    stage: Text
    step: Count
    steps: Count
    """0 if unknown."""
    seconds_left: DurationSeconds | None = None
    reached_seconds: ProjectSeconds | None = None
    """Up to where all parts that are being filled have audio."""


class StemsStarted(MailboxMessage, frozen=True, kw_only=True, tag="stems"):
    """Stems have begun; their files are there and grow."""

    job: JobId
    stems: Annotated[tuple[StemPlace, ...], Meta(max_length=_MAX_STEMS)]


class FilesGrown(MailboxMessage, frozen=True, kw_only=True, tag="grown"):
    """More audio is in the files."""

    job: JobId
    filled_frames: Annotated[dict[str, WholeFrames], Meta(max_length=_MAX_STEMS)]
    """Of each stem, by its number."""
    reached_seconds: ProjectSeconds | None = None
    """Up to where all parts that are being filled have audio."""


class StemWritten(MailboxMessage, frozen=True, kw_only=True, tag="stem_done"):
    """The whole stem is in its file, and its hash matches the server's."""

    job: JobId
    stem: Index
    lufs: Lufs | None = None
    """Integrated loudness."""


class NoteFact(MailboxPart, frozen=True, kw_only=True, array_like=True):
    """A note that was played, as an array of its fields."""

    start_seconds: ProjectSeconds
    length_seconds: DurationSeconds
    pitch: MidiNumber
    velocity: MidiNumber
    channel: Annotated[int, Meta(ge=0, le=15)]


class NotesWritten(MailboxMessage, frozen=True, kw_only=True, tag="notes"):
    """The notes of a stem, if they were asked for and the engine knows them."""

    job: JobId
    stem: Index
    notes: Annotated[tuple[NoteFact, ...], Meta(max_length=_MAX_NOTES)]
    """By their start."""


class MarkFact(MailboxPart, frozen=True, kw_only=True):
    """A marker, or a region if it has an end."""

    name: Text
    start_seconds: ProjectSeconds
    end_seconds: ProjectSeconds | None = None
    colour: Text = ""
    """#rrggbb; empty for none."""


class TempoMark(MailboxPart, frozen=True, kw_only=True):
    """A tempo that was detected, from there on."""

    seconds: ProjectSeconds
    bpm: Bpm
    numerator: MetrePart
    denominator: MetrePart


class TextFact(MailboxPart, frozen=True, kw_only=True):
    """Words that lie in the project, as a text item."""

    text: Text
    """In lines."""
    start_seconds: ProjectSeconds
    length_seconds: DurationSeconds


class AnalysisMarks(MailboxPart, frozen=True, kw_only=True):
    """What an analysis adds to the project."""

    markers: Annotated[tuple[MarkFact, ...], Meta(max_length=65_536)] = ()
    tempo: Annotated[tuple[TempoMark, ...], Meta(max_length=65_536)] = ()
    """Empty where the detected tempo is not certain."""
    lyrics: Annotated[tuple[TextFact, ...], Meta(max_length=65_536)] = ()
    """The words that a planner heard, for a track of their own."""
    summary: Text = ""
    """Tempo, metre, key and loudness in a line."""


class JobDone(MailboxMessage, frozen=True, kw_only=True, tag="done"):
    """A job has finished."""

    job: JobId
    seconds: DurationSeconds
    """How long it ran."""
    remarks: Annotated[tuple[Text, ...], Meta(max_length=1_024)] = ()
    models: Annotated[tuple[Text, ...], Meta(max_length=64)] = ()
    """Models that would have helped and can be downloaded."""
    marks: AnalysisMarks | None = None
    """Of an analysis."""
    note: Text = ""
    """What a task without audio reported, in a line."""


class JobCancelled(MailboxMessage, frozen=True, kw_only=True, tag="cancelled"):
    """A job was cancelled."""

    job: JobId


class WorkFailed(MailboxMessage, frozen=True, kw_only=True, tag="failed"):
    """A job has failed, or a request could not be fulfilled."""

    code: Text
    """As in the protocol's `error`; for programs."""
    sentence: Text
    remedy: Text = ""
    """What would have worked."""
    models: Annotated[tuple[Text, ...], Meta(max_length=64)] = ()
    """Models that would help and can be downloaded."""
    job: JobId | None = None
    """The job that failed."""
    re: Identifier | None = None
    """The id of the message that could not be fulfilled."""
    index: JobNumber | None = None
    """Which of a request's jobs; None for the whole request."""
    model: Text | None = None
    """The model that was asked about."""
