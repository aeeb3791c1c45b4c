"""Audio on its way to the server, addressed by its content."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.units import (
    Bytes,
    Channels,
    Index,
    Payload,
    RequestId,
    SampleRate,
    Sha256,
    WholeFrames,
    Word,
)

Hashes = Annotated[tuple[Sha256, ...], Meta(min_length=1, max_length=1024)]
FadeShape = Literal["linear", "fast", "slow", "smooth"]
"""`linear` is x, `fast` 1 - (1 - x)^2, `slow` x^2, `smooth` 3x^2 - 2x^3."""


class Have(Message, frozen=True, kw_only=True):
    """Asks which of these files the server holds."""

    request: RequestId
    sha256: Hashes
    """Of the whole files."""


class Missing(Message, frozen=True, kw_only=True):
    """The answer to `have`: which files to upload, and from which byte on."""

    request: RequestId
    sha256: Annotated[tuple[Sha256, ...], Meta(max_length=1024)] = ()
    """The files that the server does not have."""
    offsets: Annotated[tuple[Bytes, ...], Meta(max_length=1024)] = ()
    """For each hash, how many bytes the server has from an interrupted upload."""


class Upload(Message, frozen=True, kw_only=True):
    """A piece of a file, in order. The server knows the file by its hash alone."""

    sha256: Sha256
    """Of the whole file."""
    total_bytes: Bytes
    """The length of the whole file."""
    offset: Bytes
    """Where this piece starts; pieces come in order and without gaps."""
    data: Payload


class Uploaded(Message, frozen=True, kw_only=True):
    """The file is whole, its hash was checked, and jobs may name it."""

    sha256: Sha256


class Probe(Message, frozen=True, kw_only=True):
    """Asks what is in an uploaded file or a finished stem, as the server decodes it."""

    request: RequestId
    sha256: Sha256
    """Of the whole file."""


class Probed(Message, frozen=True, kw_only=True):
    """The answer to `probe`; `frames` is what `input` slices are cut from."""

    request: RequestId
    sha256: Sha256
    """As asked."""
    sample_rate: SampleRate
    """The file's own."""
    channels: Channels
    frames: WholeFrames
    """The actual length, counted where the file's header is wrong; at the file's own rate."""
    missing_frames: WholeFrames = 0
    """How many more the file's header promises. A slice may extend into them; they are silent."""


class Fade(MessagePart, frozen=True, kw_only=True):
    """A fade from or to silence."""

    frames: WholeFrames
    """How long, at the project's rate."""
    shape: FadeShape = "linear"
    """The amplitude over the way x from silence, 0 to 1: x, 1 - (1 - x)^2, x^2, or 3x^2 - 2x^3."""


class Input(MessagePart, frozen=True, kw_only=True):
    """A slice of an uploaded file, and where in the project it plays."""

    role: Word
    """What it is to the task: `source`, `reference`, `context`."""
    sha256: Sha256
    start_frame: WholeFrames = 0
    """In the file, at the file's own rate."""
    frames: WholeFrames | None = None
    """At the file's own rate; to the end of the file if omitted."""
    play_rate: Annotated[float, Meta(gt=0, le=64)] = 1.0
    """2.0 plays twice as fast."""
    at_frame: WholeFrames = 0
    """Where the slice starts in the project, at the project's rate."""
    channels: Annotated[tuple[Index, ...], Meta(max_length=64)] = ()
    """Which channels of the file; all if empty."""
    mono: bool = False
    """Mixes those channels to one: their mean."""
    preserve_pitch: bool = False
    """Keeps the file's pitch at another `play_rate`."""
    pitch_semitones: Annotated[float, Meta(ge=-48, le=48)] = 0.0
    """Raises the pitch at the same speed."""
    gain: Annotated[float, Meta(ge=-64, le=64)] = 1.0
    """Factor on the amplitude."""
    fade_in: Fade | None = None
    """At the start of the slice."""
    fade_out: Fade | None = None
    """At its end."""
    joins: bool = False
    """Adds this to the previous input, which has the same role, so that the task gets one. A joined input is as
    long as the timeline with its context, or longer, and silent where none of its slices plays."""
