"""What a session tells its driver, beside the other side's messages themselves."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import (
    Cancelled,
    ClientMessage,
    Done,
    Failed,
    Note,
    Progress,
    ServerMessage,
    Stem,
    StemEnd,
)


@dataclass(frozen=True, slots=True)
class RemoteFault:
    """The other side broke the protocol; the reply to it is queued already.

    After a ``fatal`` one the session is closed: send what `to_send` gives, then close the connection.
    """

    code: ErrorCode
    sentence: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A job began anew: everything that came of it before is void, finished stems too."""

    job: str
    attempt: int


@dataclass(frozen=True, slots=True)
class StemStarted:
    """A stem is coming; make room for its frames."""

    stem: Stem
    replaces: bool
    """A higher revision of a stem of this attempt; the pieces of the earlier one are void."""

    @property
    def job(self) -> str:
        """The job that it belongs to."""
        return self.stem.job


@dataclass(frozen=True, slots=True)
class StemPiece:
    """Frames of a stem that did not come before.

    Give their byte count to `ClientSession.confirm_stored` once they are stored.
    """

    stem: Stem
    offset: int
    """Frames from the stem's start."""
    data: bytes
    """Whole frames of 32-bit floats, little-endian, channels interleaved."""

    @property
    def job(self) -> str:
        """The job that it belongs to."""
        return self.stem.job


@dataclass(frozen=True, slots=True)
class StemFinished:
    """All frames of a stem are here. The driver checks ``end.sha256`` against what it stored."""

    stem: Stem
    end: StemEnd

    @property
    def job(self) -> str:
        """The job that it belongs to."""
        return self.stem.job


@dataclass(frozen=True, slots=True)
class NotesReceived:
    """Notes of a stem that did not come before."""

    stem: Stem
    notes: tuple[Note, ...]

    @property
    def job(self) -> str:
        """The job that they belong to."""
        return self.stem.job


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is."""

    message: Progress

    @property
    def job(self) -> str:
        """The job."""
        return self.message.job


@dataclass(frozen=True, slots=True)
class JobEnded:
    """The last event of a job; for `done` every stem of it is finished."""

    message: Done | Failed | Cancelled

    @property
    def job(self) -> str:
        """The job."""
        return self.message.job


FollowEvent = (
    AttemptStarted
    | StemStarted
    | StemPiece
    | StemFinished
    | NotesReceived
    | JobProgress
    | JobEnded
    | RemoteFault
)
"""What comes of a job's messages."""

ServerEvent = ClientMessage | RemoteFault
"""What a `ServerSession` tells."""

ClientEvent = ServerMessage | FollowEvent
"""What a `ClientSession` tells."""
