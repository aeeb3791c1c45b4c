"""What both sides' sessions share: frames in and out, the state, and how mistakes are answered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Final, Generic, Literal, TypeVar

from bandmate_protocol.codec import MAX_FRAME_BYTES, FrameDecoder, encode_message
from bandmate_protocol.errors import ErrorCode, LocalProtocolError, RemoteProtocolError
from bandmate_protocol.messages import Error, Message, Ping, Pong, type_of
from bandmate_protocol.session.events import RemoteFault

SessionState = Literal["greeting", "open", "closed"]

MAX_FAULTS: Final = 100
"""Mistakes of the other side without a good message between them, before the session closes."""

_MAX_SENTENCE_LENGTH: Final = 4096

EventT = TypeVar("EventT")
MessageT = TypeVar("MessageT", bound=Message)
ReceivedFrame = bytes | bytearray | memoryview | str


class BaseSession(ABC, Generic[MessageT, EventT]):
    """One end of one connection. No I/O: the driver moves the frames.

    The driver gives every frame that it reads to `receive` and acts on the events, and after each call of any
    method writes what `to_send` gives, in order. It closes the connection once ``state`` is `closed` and all
    is written.
    """

    def __init__(self, incoming: FrameDecoder[MessageT], outgoing: FrameDecoder[Any]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._state: SessionState = "greeting"
        self._faults = 0
        self._control: deque[bytes] = deque()
        self._audio: deque[bytes] = deque()

    @property
    def state(self) -> SessionState:
        """`greeting` until `hello` and `welcome` have passed, then `open`; `closed` for good after that."""
        return self._state

    def close(self) -> None:
        """Tells the session that its connection ended; nothing is taken or sent after it."""
        self._state = "closed"

    def receive(self, frame: ReceivedFrame) -> list[EventT | RemoteFault]:
        """What one frame of the other side brings. Never raises, whatever is in it."""
        if self._state == "closed":
            return []
        try:
            if isinstance(frame, str):
                raise RemoteProtocolError(ErrorCode.BAD_MESSAGE, "A text frame came; frames are binary.")
            self._check_size(len(frame))
            message = self._incoming.decode(frame)
        except RemoteProtocolError as error:
            return [
                self._queue_fault(error.code, error.sentence, error.request, answer=error.type != "error")
            ]
        faults_before = self._faults
        events = self._handle_open(message) if self._state == "open" else self._handle_greeting(message)
        if self._faults == faults_before:
            self._faults = 0
        return events

    def send(self, message: Message) -> None:
        """Queues a control message.

        Raises LocalProtocolError when the session is not open, or the message is not this side's to send,
        breaks a bound of its own, or makes too large a frame.
        """
        if self._state != "open":
            raise LocalProtocolError(f"The session is not open but {self._state}.")
        self._check_own(message)
        self._queue_message(message)

    def send_encoded(self, message: Message, frame: bytes) -> None:
        """Queues a control message that was decoded from ``frame``, whose bytes are sent as they are.

        For frames that this side encoded earlier, such as those of a journal. Raises LocalProtocolError as
        `send` does.
        """
        if self._state != "open":
            raise LocalProtocolError(f"The session is not open but {self._state}.")
        self._check_own(message)
        self._queue_frame(type_of(type(message)), frame, MAX_FRAME_BYTES)

    def to_send(self) -> list[bytes]:
        """The frames to write now, in this order: control frames first, then audio."""
        frames = [*self._control, *self._audio]
        self._control.clear()
        self._audio.clear()
        return frames

    @abstractmethod
    def _handle_greeting(self, message: MessageT) -> list[EventT | RemoteFault]:
        """Takes a message before the session is open."""

    @abstractmethod
    def _handle_message(self, message: MessageT) -> list[EventT | RemoteFault]:
        """Takes a message of the open session, other than `ping`."""

    @abstractmethod
    def _check_own(self, message: Message) -> None:
        """Raises LocalProtocolError for a message that `send` must not take."""

    @property
    def _frame_limit(self) -> int:
        """The largest frame that this side takes."""
        return MAX_FRAME_BYTES

    def _check_size(self, size: int) -> None:
        if size > self._frame_limit:
            raise RemoteProtocolError(
                ErrorCode.BAD_MESSAGE, f"The frame has {size} bytes; at most {self._frame_limit} are allowed."
            )

    def _handle_open(self, message: MessageT) -> list[EventT | RemoteFault]:
        if isinstance(message, Ping):
            self._queue_message(Pong(request=message.request))
            return []
        return self._handle_message(message)

    def _queue_message(self, message: Message, most: int = MAX_FRAME_BYTES) -> None:
        kind = type_of(type(message))
        try:
            frame = encode_message(message)
            # What the other side would refuse is a mistake here, and is found here.
            self._outgoing.decode(frame)
        except (RemoteProtocolError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise LocalProtocolError(f"A {kind} that must not be sent: {error}") from error
        self._queue_frame(kind, frame, most)

    def _queue_frame(self, kind: str, frame: bytes, most: int) -> None:
        if len(frame) > most:
            raise LocalProtocolError(f"A {kind} of {len(frame)} bytes; the other side accepts {most}.")
        self._control.append(frame)

    def _queue_fault(
        self,
        code: ErrorCode,
        sentence: str,
        request: str | None = None,
        *,
        fatal: bool = False,
        remedy: str = "",
        answer: bool = True,
    ) -> RemoteFault:
        """Counts a mistake of the other side, queues the answer to it, and gives the event."""
        self._faults += 1
        fatal = fatal or self._state == "greeting" or self._faults >= MAX_FAULTS
        sentence = sentence[:_MAX_SENTENCE_LENGTH]
        # An error is never answered with an error, or two confused peers would go on for ever.
        if answer:
            self._queue_message(Error(code=code.value, sentence=sentence, remedy=remedy, request=request))
        if fatal:
            self._state = "closed"
        return RemoteFault(code, sentence, fatal)
