"""Audio on its way to the server, addressed by its content."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from bandmate_protocol.messages._base import Message, Part
from bandmate_protocol.units import (
    Bytes,
    Channels,
    Frames,
    Index,
    Payload,
    RequestId,
    SampleRate,
    Sha256,
    Word,
)

Hashes = Annotated[tuple[Sha256, ...], Meta(min_length=1, max_length=1024)]


class Have(Message, frozen=True, kw_only=True):
    """Asks which of these files the server holds."""

    request: RequestId
    sha256: Hashes
    """Of the whole files."""


class Missing(Message, frozen=True, kw_only=True):
    """The answer to `have`: what has to go up, and from which byte on."""

    request: RequestId
    sha256: Annotated[tuple[Sha256, ...], Meta(max_length=1024)] = ()
    """Those that it lacks."""
    offsets: Annotated[tuple[Bytes, ...], Meta(max_length=1024)] = ()
    """For each hash, how many bytes are there from an upload that was cut off."""


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
    frames: Frames
    """What is there, counted where the file's header does not say it truly; at the file's own rate."""
    missing_frames: Frames = 0
    """How many more the file's header promises. A slice may reach into them; they are silent."""


class Input(Part, frozen=True, kw_only=True):
    """A slice of an uploaded file, and where in the project it plays."""

    role: Word
    """What it is to the task: `source`, `reference`, `context`."""
    sha256: Sha256
    start_frame: Frames = 0
    """In the file, at the file's own rate."""
    frames: Frames | None = None
    """At the file's own rate; to the end of the file when left out."""
    play_rate: Annotated[float, Meta(gt=0, le=64)] = 1.0
    """2.0 plays twice as fast."""
    at_frame: Frames = 0
    """Where the slice starts in the project, at the project's rate."""
    channels: Annotated[tuple[Index, ...], Meta(max_length=64)] = ()
    """Which channels of the file; all when empty."""
