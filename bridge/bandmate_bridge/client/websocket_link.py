"""One WebSocket to a server: frames out, frames in, and what can go wrong in words."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from typing import TYPE_CHECKING

from bandmate_bridge.client.address import ServerAddress
from bandmate_plugins._platform import home
from bandmate_plugins._platform.health import ask_health
from bandmate_protocol.codec import MAX_FRAME_BYTES
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.version import SUBPROTOCOL

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_OPEN_SECONDS = 10.0
_SEND_SECONDS = 20.0
_CLOSE_SECONDS = 2.0


class LinkLostError(Exception):
    """Raised when the connection is gone. Connecting again may help."""


class WebSocketLink:
    """An open connection. Raises RequestError where connecting again cannot help, else LinkLostError."""

    def __init__(self, address: ServerAddress, token: str) -> None:
        self.address = address
        self._connection = _open_websocket(address, token)

    def send(self, frame: bytes) -> None:
        """Writes one frame; blocks while the server stopped reading, for 20 s at most."""
        from websockets.exceptions import ConnectionClosed

        try:
            self._connection.send(frame)
        except (ConnectionClosed, OSError) as error:
            raise LinkLostError(_reason_text(error)) from error

    def receive(self, seconds: float) -> bytes | None:
        """The next frame, or None when none comes in time."""
        from websockets.exceptions import ConnectionClosed

        try:
            return self._connection.recv(timeout=seconds, decode=False)
        except TimeoutError:
            return None
        except (ConnectionClosed, OSError) as error:
            raise LinkLostError(_reason_text(error)) from error

    def close(self) -> None:
        """Says goodbye; never raises."""
        with contextlib.suppress(Exception):
            self._connection.close()


def _open_websocket(address: ServerAddress, token: str) -> ClientConnection:
    from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    try:
        # A socket of our own, so that no redirect can take the token elsewhere.
        wire = _proved_socket(address, token)
        connection = connect(
            f"ws://{address.netloc}/ws",
            sock=wire,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            additional_headers={"Authorization": f"Bearer {token}"},
            user_agent_header=None,
            proxy=None,
            open_timeout=_OPEN_SECONDS,
            close_timeout=_CLOSE_SECONDS,
            ping_interval=None,  # the session has its own, which the server's own code answers
            max_size=MAX_FRAME_BYTES,
            legacy=True,
        )
    except InvalidStatus as error:
        raise _refusal_error(address, error.response.status_code) from error
    except (InvalidHandshake, InvalidMessage, ValueError, EOFError) as error:
        if isinstance(error.__cause__, ConnectionError | EOFError) or isinstance(error, EOFError):
            raise LinkLostError("the server closed the connection") from error
        raise _not_bandmate_error(address) from error
    except TimeoutError as error:
        raise LinkLostError(
            say(
                "nothing at {address} answered within {open_seconds:.0f} s",
                address=address,
                open_seconds=_OPEN_SECONDS,
            )
        ) from error
    except OSError as error:
        raise LinkLostError(_reason_text(error)) from error
    if connection.subprotocol != SUBPROTOCOL:
        connection.close()
        raise _not_bandmate_error(address)
    return connection


def _proved_socket(address: ServerAddress, token: str) -> socket.socket:
    """A connection to a server that has proved to know the token: only to such a one is it sent."""
    from http.client import HTTPException

    wire = _open_socket(address)
    try:
        wire.settimeout(_OPEN_SECONDS)
        answer = ask_health(address.host, address.port, token, wire=wire)
        if answer.status != 200:
            raise _refusal_error(address, answer.status)
        if answer.health is None:
            raise _not_bandmate_error(address)
        if not answer.proved:
            raise _unproved_error(address)
    except HTTPException as error:
        wire.close()
        if isinstance(error, ConnectionError):
            raise LinkLostError("the server closed the connection") from error
        raise _not_bandmate_error(address) from error
    except BaseException:
        wire.close()
        raise
    if answer.stays_open:
        wire.settimeout(None)
        return wire
    wire.close()
    return _open_socket(address)


def _open_socket(address: ServerAddress) -> socket.socket:
    wire = socket.create_connection((address.host, address.port), timeout=_OPEN_SECONDS)
    wire.settimeout(None)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A server that stops reading must not hold a sender for ever.
    milliseconds = int(_SEND_SECONDS * 1000)
    limit = (
        struct.pack("L", milliseconds)
        if sys.platform == "win32"
        else struct.pack("ll", int(_SEND_SECONDS), 0)
    )
    with contextlib.suppress(OSError):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    return wire


def _refusal_error(address: ServerAddress, status: int) -> RequestError:
    if status == 401:
        return RequestError(
            ErrorCode.NOT_ALLOWED,
            say("The server at {address} refused the token.", address=address),
            say(
                "The server belongs to another user: put its token into {config_dir} or BANDMATE_TOKEN.",
                config_dir=home.config_dir() / "token",
            ),
        )
    if status == 403:
        return RequestError(
            ErrorCode.NOT_ALLOWED,
            say("The server at {address} does not accept that host name.", address=address),
            "Reach it as 127.0.0.1, or add the name to allowed_hosts in its settings.",
        )
    if status in (502, 503, 504):
        raise LinkLostError(
            say("the server at {address} is not ready (HTTP {status})", address=address, status=status)
        )
    return _not_bandmate_error(address)


def _unproved_error(address: ServerAddress) -> RequestError:
    return RequestError(
        ErrorCode.NOT_ALLOWED,
        say(
            "The program at {address} did not prove that it has your token, so the token was not sent.",
            address=address,
        ),
        "If it is a server of another machine or user, set BANDMATE_TOKEN to its token. If it is an older "
        "Bandmate, update it and start it again. Otherwise another program uses the port: `bandmate serve "
        "--port 0` starts a server on a free one.",
    )


def _not_bandmate_error(address: ServerAddress) -> RequestError:
    return RequestError(
        ErrorCode.PORT_BUSY,
        say(
            "The program at {address} is not a Bandmate server with this version of the protocol.",
            address=address,
        ),
        "`bandmate serve --port 0` starts one on a free port; BANDMATE_SERVER=host:port selects another.",
    )


def _reason_text(error: BaseException) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing is listening there"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
