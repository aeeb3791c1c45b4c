"""Both ends of a connection without any I/O: frames in, events out.

A session raises LocalProtocolError on a mistake of its own driver, and gives `RemoteFault` on one of the
other side.
"""

from bandmate_protocol.session._base import MAX_FAULTS, SessionState
from bandmate_protocol.session.client import MIN_CREDIT_BYTES, ClientSession
from bandmate_protocol.session.events import (
    AttemptStarted,
    ClientEvent,
    FollowEvent,
    JobEnded,
    JobProgress,
    NotesReceived,
    RemoteFault,
    ServerEvent,
    StemFinished,
    StemPiece,
    StemStarted,
)
from bandmate_protocol.session.follow import JobFollower
from bandmate_protocol.session.server import ServerSession

__all__ = [
    "MAX_FAULTS",
    "MIN_CREDIT_BYTES",
    "AttemptStarted",
    "ClientEvent",
    "ClientSession",
    "FollowEvent",
    "JobEnded",
    "JobFollower",
    "JobProgress",
    "NotesReceived",
    "RemoteFault",
    "ServerEvent",
    "ServerSession",
    "SessionState",
    "StemFinished",
    "StemPiece",
    "StemStarted",
]
