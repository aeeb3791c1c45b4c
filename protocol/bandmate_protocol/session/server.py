"""The server's end of a connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

from bandmate_protocol.codec import CLIENT_FRAMES, MAX_FRAME_BYTES, SERVER_FRAMES, encode_message
from bandmate_protocol.errors import ErrorCode, LocalProtocolError
from bandmate_protocol.messages import (
    MAX_AUDIO_BYTES,
    Audio,
    ClientMessage,
    Credit,
    Hello,
    Limits,
    Message,
    Role,
    ServerMessage,
    Welcome,
    type_of,
)
from bandmate_protocol.session._base import BaseSession
from bandmate_protocol.session.events import RemoteFault
from bandmate_protocol.units import MAX_INTEGER
from bandmate_protocol.version import PROTOCOL_MAX, PROTOCOL_MIN

_SERVER_MESSAGES = get_args(ServerMessage)


def _knows_no_key(_key: str) -> bool:
    return False


def _no_notices(_role: Role) -> Sequence[str]:
    return ()


class ServerSession(BaseSession[ClientMessage, ClientMessage]):
    """The server's end.

    Events are the client's messages. `hello` is answered with `welcome` and comes out too; `credit` and
    `ping` are dealt with here and do not. ``knows_key`` says whether a resume key is one of this server's,
    ``new_key`` makes one (16 to 128 characters, not to be guessed). ``notices`` gives what a client in that
    role has to be told.
    """

    def __init__(
        self,
        *,
        server_version: str,
        limits: Limits,
        new_key: Callable[[], str],
        knows_key: Callable[[str], bool] = _knows_no_key,
        notices: Callable[[Role], Sequence[str]] = _no_notices,
    ) -> None:
        super().__init__(CLIENT_FRAMES, SERVER_FRAMES)
        self._server_version = server_version
        self._limits = limits
        self._notices = notices
        self._knows_key = knows_key
        self._new_key = new_key
        self.hello: Hello | None = None
        """The client's greeting, once it came."""
        self.resume_key = ""
        """The client's, once `hello` came."""
        self.credit = 0
        """Audio bytes that the client still takes."""

    def send_audio(self, audio: Audio) -> None:
        """Queues a piece of audio and takes its bytes off the credit.

        Raises LocalProtocolError when the session is not open, the piece too large, or the credit too small.
        """
        if self._state != "open":
            raise LocalProtocolError(f"The session is not open but {self._state}.")
        size = len(audio.data)
        if size > MAX_AUDIO_BYTES:
            raise LocalProtocolError(
                f"A piece of {size} bytes of audio; at most {MAX_AUDIO_BYTES} are allowed."
            )
        if size > self.credit:
            raise LocalProtocolError(f"A piece of {size} bytes of audio; the client accepts {self.credit}.")
        self.credit -= size
        self._audio.append(encode_message(audio))

    @property
    def _frame_limit(self) -> int:
        return min(self._limits.frame_bytes, MAX_FRAME_BYTES)

    def _handle_greeting(self, message: ClientMessage) -> list[ClientMessage | RemoteFault]:
        if not isinstance(message, Hello):
            kind = type_of(type(message))
            return [
                self._queue_fault(
                    ErrorCode.UNEXPECTED_MESSAGE, f"The first message must be hello, not {kind}."
                )
            ]
        protocol = min(message.protocol_max, PROTOCOL_MAX)
        if protocol < max(message.protocol_min, PROTOCOL_MIN):
            sentence = (
                f"The client speaks versions {message.protocol_min} to {message.protocol_max} "
                f"of the protocol, this server {PROTOCOL_MIN} to {PROTOCOL_MAX}."
            )
            remedy = "Update the older of the two."
            return [self._queue_fault(ErrorCode.UNSUPPORTED_PROTOCOL, sentence, remedy=remedy)]
        resumed = message.resume_key is not None and self._knows_key(message.resume_key)
        self.resume_key = message.resume_key if resumed and message.resume_key else self._new_key()
        self.credit = message.credit_bytes
        self.hello = message
        self._state = "open"
        self._queue_message(
            Welcome(
                protocol=protocol,
                server_version=self._server_version,
                resume_key=self.resume_key,
                resumed=resumed,
                limits=self._limits,
                notices=tuple(self._notices(message.role)),
            )
        )
        return [message]

    def _handle_message(self, message: ClientMessage) -> list[ClientMessage | RemoteFault]:
        match message:
            case Hello():
                return [self._queue_fault(ErrorCode.UNEXPECTED_MESSAGE, "A second hello on one connection.")]
            case Credit():
                self.credit = min(self.credit + message.bytes, MAX_INTEGER)
                return []
        return [message]

    def _check_own(self, message: Message) -> None:
        kind = type_of(type(message))
        if isinstance(message, Audio):
            raise LocalProtocolError("Use send_audio for audio, which deducts it from the credit.")
        if isinstance(message, Welcome) or not isinstance(message, _SERVER_MESSAGES):
            raise LocalProtocolError(f"A server does not send {kind} itself.")
