"""Getting to know each other: `hello` and `welcome`, then `ping` and `pong`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.units import Bytes, Count, DurationSeconds, Name, RequestId, Sentence

Role = Literal["cli", "project", "reaper", "vst", "console", "surface", "worker", "test"]
"""What kind of client it is; a bridge (project, reaper, vst) can be the target of an `invoke`."""

ProtocolVersion = Annotated[int, Meta(ge=1, le=65_535)]
ResumeKey = Annotated[str, Meta(min_length=16, max_length=128, description="opaque, given by the server")]


class Hello(Message, frozen=True, kw_only=True):
    """The first message of a client."""

    protocol_min: ProtocolVersion
    """The oldest version that the client speaks."""
    protocol_max: ProtocolVersion
    """The newest version that the client speaks."""
    role: Role
    """What kind of client it is; a `project`, `reaper` or `vst` can be the target of an `invoke`."""
    client_name: Name
    """For logs and displays."""
    client_version: Name
    resume_key: ResumeKey | None = None
    """From an earlier `welcome`, to be taken for the same client after a cut."""
    credit_bytes: Bytes = 8 << 20
    """Audio bytes that the server may send before the client grants more."""


class Limits(MessagePart, frozen=True, kw_only=True):
    """The server's limits."""

    frame_bytes: Bytes
    """One WebSocket frame."""
    upload_bytes: Bytes
    """One uploaded file."""
    range_seconds: DurationSeconds
    """The length of one job's range."""
    jobs: Count
    """Waiting and running jobs of one client."""


class Welcome(Message, frozen=True, kw_only=True):
    """The server's answer to `hello`; from here on both may send."""

    protocol: ProtocolVersion
    """The version that both speak from here on."""
    server_version: Name
    resume_key: ResumeKey
    resumed: bool = False
    """The key in `hello` was known."""
    limits: Limits
    notices: Annotated[tuple[Sentence, ...], Meta(max_length=16)] = ()
    """What a person should know about this server, such as a damaged list of jobs. Sent once, to a `cli`."""


class Ping(Message, frozen=True, kw_only=True):
    """Are you there?"""

    request: RequestId


class Pong(Message, frozen=True, kw_only=True):
    """The answer to `ping`."""

    request: RequestId
