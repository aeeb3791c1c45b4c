"""Sockets that are taken before the parts start, so that a busy port is said at once."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
from collections.abc import Iterator

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.port_holder import taken_by_text


@contextlib.contextmanager
def listening_socket(host: str, port: int, command: str) -> Iterator[socket.socket]:
    """A TCP socket that is bound; `command` followed by a number takes another port.

    Raises RequestError (`port_busy`) that names the program on a port that is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY on what is accepted; else short messages wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform == "win32":
        # On Windows the usual option would let two servers share a port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((host, port))
        except OSError as error:
            raise _bind_error(host, port, command, error) from error
        yield listener


def _bind_error(host: str, port: int, command: str, error: OSError) -> RequestError:
    if error.errno == errno.EACCES and sys.platform != "win32":
        return RequestError(
            ErrorCode.PORT_BUSY,
            say("You are not allowed to listen on port {port}.", port=port),
            say("Use a port from 1024 up; `{command} 0` takes a free one.", command=command),
        )
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return RequestError(
            ErrorCode.PORT_BUSY,
            say(
                "Port {port} on {host} is in use{taken_by_text}.",
                port=port,
                host=host,
                taken_by_text=taken_by_text(port),
            ),
            say("Stop that program, or take a free port: `{command} 0`.", command=command),
        )
    return RequestError(
        ErrorCode.PORT_BUSY,
        say("Cannot listen on {host}:{port}: {strerror}.", host=host, port=port, strerror=error.strerror),
    )
