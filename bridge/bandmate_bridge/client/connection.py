"""A link with the session that speaks over it: one connection from `hello` to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping

from bandmate_bridge.client.address import ServerAddress
from bandmate_bridge.client.websocket_link import LinkLostError, WebSocketLink
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Error, Message, Pong, Role, Welcome
from bandmate_protocol.session import ClientEvent, ClientSession, JobFollower, RemoteFault
from bandmate_protocol.texts import say
from bandmate_protocol.version import __version__

GREETING_SECONDS = 10.0
"""How long a server may take to answer `hello`."""
PING_SECONDS = 5.0
"""After so long without a frame, the server is asked whether it is there."""
SILENCE_SECONDS = 20.0
"""After so long without a frame the connection counts as lost: pings are answered whatever the jobs do."""


class ServerConnection:
    """Moves frames between a link and a session, and watches that the other side lives."""

    def __init__(
        self,
        address: ServerAddress,
        token: str,
        *,
        role: Role,
        name: str,
        resume_key: str | None = None,
        follows: Mapping[str, JobFollower] | None = None,
    ) -> None:
        self.address = address
        self.session = ClientSession(
            role=role, client_name=name, client_version=__version__, resume_key=resume_key, follows=follows
        )
        self._silent = 0.0
        self._pinged = False
        self._link = WebSocketLink(address, token)
        try:
            self.flush()
            self.welcome = self._read_welcome()
        except BaseException:
            self._link.close()
            raise

    def send(self, message: Message) -> None:
        """Sends a message. Raises LinkLostError, and LocalProtocolError for one that must not be sent."""
        self.session.send(message)
        self.flush()

    def flush(self) -> None:
        """Writes what the session has to say."""
        for frame in self.session.to_send():
            self._link.send(frame)

    def pump(self, seconds: float) -> list[ClientEvent]:
        """What the next frame brings, if one comes in time. Raises LinkLostError when the server is gone."""
        begun = time.monotonic()
        frame = self._link.receive(min(max(seconds, 0.0), PING_SECONDS))
        if frame is None:
            self._count_silence(time.monotonic() - begun)
            return []
        self._silent, self._pinged = 0.0, False
        events = self.session.receive(frame)
        self.flush()
        if self.session.state == "closed":
            raise LinkLostError(_fault_reason(events))
        return [event for event in events if not isinstance(event, RemoteFault | Pong)]

    def close(self) -> None:
        """Ends the connection; jobs go on without it."""
        self.session.close()
        self._link.close()

    def _count_silence(self, waited: float) -> None:
        """Counts only time spent waiting: a caller that was busy elsewhere says nothing about the server."""
        self._silent += waited
        if self._silent >= SILENCE_SECONDS:
            raise LinkLostError(
                say("the server sent nothing for {silence_seconds:.0f} s", silence_seconds=SILENCE_SECONDS)
            )
        if self._silent >= PING_SECONDS and not self._pinged:
            self._pinged = True
            self.session.ping()
            self.flush()

    def _read_welcome(self) -> Welcome:
        deadline = time.monotonic() + GREETING_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            frame = self._link.receive(left)
            for event in self.session.receive(frame) if frame is not None else ():
                if isinstance(event, Welcome):
                    return event
                raise _no_session_error(self.address, event)
        raise LinkLostError(
            say(
                "the server at {address} did not greet within {greeting_seconds:.0f} s",
                address=self.address,
                greeting_seconds=GREETING_SECONDS,
            )
        )


def _no_session_error(address: ServerAddress, event: object) -> RequestError:
    """Why there is no session: an older or newer server, or something else altogether."""
    code = getattr(event, "code", "")
    if code == ErrorCode.UNSUPPORTED_PROTOCOL.value:
        return RequestError(
            ErrorCode.UNSUPPORTED_PROTOCOL,
            f"The server at {address} speaks another version of the protocol. "
            f"{getattr(event, 'sentence', '')}".rstrip(),
            "Update the older of the two, then start the server again.",
        )
    if isinstance(event, Error):
        return request_error(event)
    return RequestError(
        ErrorCode.BAD_MESSAGE,
        say("The program at {address} does not speak Bandmate's protocol.", address=address),
        "Set BANDMATE_SERVER=host:port to use another server, or start one with `bandmate serve --port 0`.",
    )


def request_error(message: Error) -> RequestError:
    """A server's `error` as the exception that it is here."""
    return RequestError(
        known_error_code(message.code), message.sentence, message.remedy, models=message.models
    )


def known_error_code(word: str) -> ErrorCode:
    """The code for a word from the wire; a newer server may have words that are not known here."""
    try:
        return ErrorCode(word)
    except ValueError:
        return ErrorCode.INTERNAL


def _fault_reason(events: list[ClientEvent]) -> str:
    said = [event.sentence for event in events if isinstance(event, RemoteFault)]
    return said[0] if said else "the server broke the protocol"
