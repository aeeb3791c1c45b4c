"""The client's end of a connection."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from itertools import count
from typing import Final, get_args

from bandmate_protocol.codec import CLIENT_FRAMES, MAX_FRAME_BYTES, SERVER_FRAMES
from bandmate_protocol.errors import ErrorCode, LocalProtocolError
from bandmate_protocol.messages import (
    Accepted,
    Attach,
    Attached,
    Audio,
    Cancelled,
    ClientMessage,
    Credit,
    Done,
    Error,
    Failed,
    Hello,
    Message,
    Notes,
    Ping,
    Progress,
    Redo,
    Role,
    ServerMessage,
    Stem,
    StemEnd,
    Submit,
    Welcome,
    type_of,
)
from bandmate_protocol.session._base import BaseSession
from bandmate_protocol.session.events import ClientEvent, RemoteFault, StemPiece
from bandmate_protocol.session.follow import JobFollower, JobMessage
from bandmate_protocol.version import PROTOCOL_MAX, PROTOCOL_MIN

MIN_CREDIT_BYTES: Final = 4096
"""The smallest window; a frame of 64 channels fits a quarter of it, so that it never stalls."""

_CLIENT_MESSAGES = get_args(ClientMessage)


class ClientSession(BaseSession[ServerMessage, ClientEvent]):
    """The client's end.

    `hello` is queued at once. Messages of jobs come out as the events of their `JobFollower`, all others as
    themselves; `ping` is answered here. ``follows`` are those of an earlier connection: see `unfinished` and
    `attach`. Raises LocalProtocolError for a window of under 4096 bytes.
    """

    def __init__(
        self,
        *,
        role: Role,
        client_name: str,
        client_version: str,
        resume_key: str | None = None,
        credit_bytes: int = 8 << 20,
        follows: Mapping[str, JobFollower] | None = None,
    ) -> None:
        super().__init__(SERVER_FRAMES, CLIENT_FRAMES)
        if credit_bytes < MIN_CREDIT_BYTES:
            raise LocalProtocolError(f"A window of {credit_bytes} bytes; the minimum is {MIN_CREDIT_BYTES}.")
        self.welcome: Welcome | None = None
        """The server's greeting, once it came."""
        self.follows: dict[str, JobFollower] = dict(follows or {})
        """The jobs that this client knows of, by id."""
        self._window = credit_bytes
        self._credit = credit_bytes
        self._unstored = 0
        self._ungranted = 0
        self._asked: dict[str, str | None] = {}
        self._prefix = secrets.token_hex(8)
        self._counter = count(1)
        self._queue_message(
            Hello(
                protocol_min=PROTOCOL_MIN,
                protocol_max=PROTOCOL_MAX,
                role=role,
                client_name=client_name,
                client_version=client_version,
                resume_key=resume_key,
                credit_bytes=credit_bytes,
            )
        )

    def new_request_id(self) -> str:
        """A request id that no other session uses."""
        return f"{self._prefix}-{next(self._counter)}"

    def attach(self, job: str) -> str:
        """Takes up a job from what its follow holds, also one that ended; gives the request id."""
        follow = self.follows.get(job) or JobFollower(job)
        request = self.new_request_id()
        self.send(Attach(request=request, job=job, held=follow.held_stems()))
        return request

    def ping(self) -> str:
        """Asks whether the server is there; a `Pong` with the request id that this gives comes back."""
        request = self.new_request_id()
        self.send(Ping(request=request))
        return request

    def unfinished_jobs(self) -> list[str]:
        """The jobs whose end was not told yet: those to attach to on a new connection."""
        return [job for job, follow in self.follows.items() if not follow.ended]

    def forget_job(self, job: str) -> None:
        """Lets go of a job that ended or that never was."""
        self.follows.pop(job, None)

    def confirm_stored(self, byte_count: int) -> None:
        """Says that this much of the audio in `StemPiece` events is stored, so that the server may send more.

        Raises LocalProtocolError for more than came.
        """
        if byte_count < 0 or byte_count > self._unstored:
            raise LocalProtocolError(
                f"{byte_count} bytes cannot be stored when {self._unstored} are waiting."
            )
        self._unstored -= byte_count
        self._grant_credit(byte_count)

    def send(self, message: Message) -> None:  # noqa: D102 -- the base says it
        super().send(message)
        match message:
            case Submit() | Redo():
                self._asked[message.request] = None
            case Attach():
                self._asked[message.request] = message.job
                self.follows.setdefault(message.job, JobFollower(message.job)).reopen()

    def _grant_credit(self, byte_count: int) -> None:
        self._ungranted += byte_count
        if self._state == "open" and self._ungranted * 4 >= self._window:
            self._queue_message(Credit(bytes=self._ungranted))
            self._credit += self._ungranted
            self._ungranted = 0

    def _queue_message(self, message: Message, most: int = MAX_FRAME_BYTES) -> None:
        if self.welcome:
            most = min(most, self.welcome.limits.frame_bytes)
        super()._queue_message(message, most)

    def _check_own(self, message: Message) -> None:
        kind = type_of(type(message))
        if isinstance(message, Credit):
            raise LocalProtocolError("Credit is granted by `confirm_stored`.")
        if isinstance(message, Hello) or not isinstance(message, _CLIENT_MESSAGES):
            raise LocalProtocolError(f"A client does not send {kind} itself.")

    def _handle_greeting(self, message: ServerMessage) -> list[ClientEvent | RemoteFault]:
        if isinstance(message, Error):
            self._state = "closed"
            return [message]
        if not isinstance(message, Welcome):
            kind = type_of(type(message))
            return [
                self._queue_fault(
                    ErrorCode.UNEXPECTED_MESSAGE, f"The first message must be welcome, not {kind}."
                )
            ]
        if not PROTOCOL_MIN <= message.protocol <= PROTOCOL_MAX:
            sentence = (
                f"The server chose version {message.protocol} of the protocol; "
                f"this client speaks {PROTOCOL_MIN} to {PROTOCOL_MAX}."
            )
            return [self._queue_fault(ErrorCode.UNSUPPORTED_PROTOCOL, sentence)]
        self.welcome = message
        self._state = "open"
        return [message]

    def _handle_message(self, message: ServerMessage) -> list[ClientEvent | RemoteFault]:
        match message:
            case Welcome():
                return [
                    self._queue_fault(ErrorCode.UNEXPECTED_MESSAGE, "A second welcome on one connection.")
                ]
            case Accepted():
                return self._handle_accepted(message)
            case Attached():
                return self._handle_attached(message)
            case Audio():
                return self._handle_audio(message)
            case Progress() | Stem() | StemEnd() | Notes() | Done() | Failed() | Cancelled():
                return self._handle_job_message(message)
            case Error() if message.request is not None:
                self._asked.pop(message.request, None)
        return [message]

    def _handle_accepted(self, message: Accepted) -> list[ClientEvent | RemoteFault]:
        if self._asked.pop(message.request, message.request) is not None:
            sentence = f"Job {message.job} was accepted, but {message.request!r} is not an open request."
            return [self._queue_fault(ErrorCode.UNEXPECTED_MESSAGE, sentence)]
        self.follows.setdefault(message.job, JobFollower(message.job))
        return [message]

    def _handle_attached(self, message: Attached) -> list[ClientEvent | RemoteFault]:
        if self._asked.pop(message.request, None) != message.job:
            sentence = f"Job {message.job} was attached, but {message.request!r} is not an open request."
            return [self._queue_fault(ErrorCode.UNEXPECTED_MESSAGE, sentence)]
        return [message, *self._handle_job_message(message)]

    def _handle_audio(self, message: Audio) -> list[ClientEvent | RemoteFault]:
        size = len(message.data)
        if size > self._credit:
            sentence = f"A piece of {size} bytes of audio came; {self._credit} were granted."
            return [self._queue_fault(ErrorCode.UNEXPECTED_MESSAGE, sentence, fatal=True)]
        self._credit -= size
        events = self._handle_job_message(message)
        kept = sum(len(event.data) for event in events if isinstance(event, StemPiece))
        self._unstored += kept
        # Nobody stores what was dropped, so it is granted anew at once.
        self._grant_credit(size - kept)
        return events

    def _handle_job_message(self, message: JobMessage) -> list[ClientEvent | RemoteFault]:
        follow = self.follows.get(message.job)
        if follow is None:
            sentence = f"Job {message.job} was not requested on this connection."
            return [self._queue_fault(ErrorCode.UNEXPECTED_MESSAGE, sentence)]
        return [
            self._queue_fault(event.code, event.sentence) if isinstance(event, RemoteFault) else event
            for event in follow.receive(message)
        ]
