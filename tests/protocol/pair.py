"""A client's and a server's session, joined without a network."""

from __future__ import annotations

from typing import Any

from bandmate_protocol.messages import (
    Accepted,
    Audio,
    Limits,
    Stem,
    StemEnd,
    Submit,
    TempoPoint,
    Timeline,
)
from bandmate_protocol.session import ClientSession, JobFollower, RemoteFault, ServerSession, StemPiece

JOB = "0123abcd"
KEY = "k" * 32
LIMITS = Limits(frame_bytes=4 << 20, upload_bytes=1 << 30, range_seconds=600.0, jobs=16)
TIMELINE = Timeline(
    sample_rate=48_000, start_frame=0, end_frame=48_000, tempo=(TempoPoint(position=0.0, bpm=120.0),)
)


def server_session(**changes: Any) -> ServerSession:
    options: dict[str, Any] = {"server_version": "1.0", "limits": LIMITS, "new_key": lambda: KEY}
    return ServerSession(**options | changes)


def client_session(**changes: Any) -> ClientSession:
    options: dict[str, Any] = {"role": "test", "client_name": "tests", "client_version": "1.0"}
    return ClientSession(**options | changes)


class Pair:
    def __init__(self, client: ClientSession | None = None, server: ServerSession | None = None) -> None:
        self.client = client or client_session()
        self.server = server or server_session()

    def to_server(self) -> list[Any]:
        return [event for frame in self.client.to_send() for event in self.server.receive(frame)]

    def to_client(self) -> list[Any]:
        return [event for frame in self.server.to_send() for event in self.client.receive(frame)]

    def greet(self) -> Pair:
        self.to_server()
        self.to_client()
        assert self.client.state == self.server.state == "open"
        return self

    def start_job(self, job: str = JOB) -> str:
        request = self.client.new_request_id()
        self.client.send(Submit(request=request, task="generate", timeline=TIMELINE))
        self.to_server()
        self.server.send(
            Accepted(
                request=request, job=job, task="generate", engine="sketch", reason="It is there.", seed=7
            )
        )
        self.to_client()
        return job


def stem(**changes: Any) -> Stem:
    """A mono stem of ten frames."""
    fields: dict[str, Any] = {
        "job": JOB,
        "attempt": 0,
        "stem": 0,
        "name": "Drums",
        "role": "drums",
        "colour": "#c05030",
        "sample_rate": 48_000,
        "channels": 1,
        "frames": 10,
        "start_frame": 0,
    }
    return Stem(**fields | changes)


def audio(offset: int, frames: int, **changes: Any) -> Audio:
    """A piece of a mono stem whose frame n is made of the byte n."""
    data = b"".join(bytes([number & 255]) * 4 for number in range(offset, offset + frames))
    return Audio(**{"job": JOB, "attempt": 0, "stem": 0, "offset": offset, "data": data} | changes)


def stem_end(**changes: Any) -> StemEnd:
    return StemEnd(**{"job": JOB, "attempt": 0, "stem": 0, "frames": 10, "sha256": "ab" * 32} | changes)


def follow_of(*messages: Any) -> JobFollower:
    """A follow that took these messages without a fault."""
    follow = JobFollower(JOB)
    for message in messages:
        assert not any(isinstance(event, RemoteFault) for event in follow.receive(message))
    return follow


def offsets(events: list[Any]) -> list[tuple[int, int]]:
    """The frames of the pieces among events of a mono stem."""
    pieces = [event for event in events if isinstance(event, StemPiece)]
    return [(piece.offset, piece.offset + len(piece.data) // 4) for piece in pieces]


def fault_of(follow: JobFollower, message: Any) -> RemoteFault:
    [fault] = follow.receive(message)
    assert isinstance(fault, RemoteFault)
    assert not fault.fatal
    return fault
