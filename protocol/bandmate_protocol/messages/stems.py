"""Audio on its way to the client, and how a job ends."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.messages.wording import Wording
from bandmate_protocol.units import (
    Bytes,
    Channels,
    Colour,
    Dbtp,
    DurationSeconds,
    Index,
    JobId,
    Label,
    Lufs,
    ModelNames,
    SampleRate,
    Sentence,
    Sha256,
    Values,
    WholeFrames,
    Word,
)

MAX_AUDIO_BYTES = 256 * 1024
"""The most that one `audio` carries."""


class Stem(Message, frozen=True, kw_only=True):
    """A stem is coming. Sent as soon as it is known, before any of its audio.

    A higher `attempt` voids every piece of the job so far; a higher `revision` replaces this stem's pieces.
    """

    job: JobId
    attempt: Index
    revision: Index = 0
    stem: Index
    name: Label
    """Of the track that it becomes."""
    role: Word
    """What it plays: `drums`, `bass`, `vocals`, `mix`, ..."""
    colour: Colour
    """Of the track that it becomes."""
    sample_rate: SampleRate
    """The project's."""
    channels: Channels
    frames: WholeFrames
    """In all."""
    start_frame: WholeFrames
    """Where in the project it starts."""


class Audio(Message, frozen=True, kw_only=True):
    """A piece of a stem: whole frames of interleaved 32-bit floats, little-endian."""

    job: JobId
    attempt: Index
    revision: Index = 0
    stem: Index
    offset: WholeFrames
    """From the stem's start."""
    data: Annotated[bytes, Meta(max_length=MAX_AUDIO_BYTES)]
    """Whole frames, channels interleaved."""


class StemEnd(Message, frozen=True, kw_only=True):
    """All of a stem was sent; the hash is over its bytes as interleaved f32le."""

    job: JobId
    attempt: Index
    revision: Index = 0
    stem: Index
    frames: WholeFrames
    """The same as in `stem`."""
    sha256: Sha256
    loudness_lufs: Lufs | None = None
    """Integrated, ITU-R BS.1770; none for silence or under 400 ms."""
    true_peak_dbtp: Dbtp | None = None
    """None for silence."""


class BendPoint(MessagePart, frozen=True, kw_only=True):
    """How far a note is bent from a frame on, until the next point."""

    frame: WholeFrames
    """From the start of the note."""
    cents: Annotated[float, Meta(ge=-9_600.0, le=9_600.0)] = 0.0
    """Above the pitch of the note."""


MAX_BEND_POINTS = 64
"""Of a note."""


DRUM_CHANNEL = 9
"""Of notes for drums, counted from zero: the tenth, as General MIDI has it."""


class Note(MessagePart, frozen=True, kw_only=True):
    """One note, placed in frames from the stem's start."""

    start: WholeFrames
    """From the stem's start."""
    frames: WholeFrames
    """How long it sounds."""
    pitch: Annotated[int, Meta(ge=0, le=127)]
    """MIDI note number; for drums by the General MIDI percussion map."""
    velocity: Annotated[int, Meta(ge=1, le=127)]
    """As MIDI has it."""
    channel: Annotated[int, Meta(ge=0, le=15)] = 0
    """9 for drums."""
    bend: Annotated[tuple[BendPoint, ...], Meta(max_length=MAX_BEND_POINTS)] = ()
    """How its pitch moves, in order of time; of given notes only. Before the first point it is not bent."""


class Notes(Message, frozen=True, kw_only=True):
    """Notes of a stem, where the engine knows them. Several add up."""

    job: JobId
    attempt: Index
    revision: Index = 0
    stem: Index
    notes: Annotated[tuple[Note, ...], Meta(max_length=4096)]


class Done(Message, frozen=True, kw_only=True):
    """The job is done; every stem was ended before."""

    job: JobId
    attempt: Index
    remarks: Annotated[tuple[Sentence, ...], Meta(max_length=256)] = ()
    """What the musician should know: unknown words, decisions made."""
    remark_wordings: Annotated[tuple[Wording, ...], Meta(max_length=256)] = ()
    """How each of the remarks is made; none, or as many as there are remarks."""
    models: ModelNames = ()
    """Models that would help to make it better, by the names that the task `pull` takes."""
    report: Values = field(default_factory=dict)
    """The same and more, for programs."""
    seconds: DurationSeconds = 0.0
    """From the first step to the last."""
    seed_used: bool = True
    """Another seed may give another result."""


class Failed(Message, frozen=True, kw_only=True):
    """The job cannot be done. Stems that were ended before stay."""

    job: JobId
    attempt: Index
    code: Word
    """One of the codes below."""
    sentence: Sentence
    """What happened."""
    remedy: Sentence = ""
    """What would have worked."""
    wording: Wording | None = None
    """How the sentence is made."""
    remedy_wording: Wording | None = None
    """How the remedy is made."""
    models: ModelNames = ()
    """Models that would help, by the names that the task `pull` takes."""


class Cancelled(Message, frozen=True, kw_only=True):
    """The job was cancelled by `cancel`."""

    job: JobId
    attempt: Index


class Credit(Message, frozen=True, kw_only=True):
    """The client has stored audio and grants this much more."""

    bytes: Bytes
    """Of the `data` of `audio`."""
