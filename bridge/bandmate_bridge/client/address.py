"""Where a server is, and whether one is there."""

from __future__ import annotations

import os
from dataclasses import dataclass

import msgspec

from bandmate_plugins import home
from bandmate_protocol.errors import ErrorCode, RequestError

SERVER_VARIABLE = "BANDMATE_SERVER"
"""Names a server as `host:port`; then no other is looked for and none is started."""

TOKEN_VARIABLE = "BANDMATE_TOKEN"  # noqa: S105 - the name of a variable
"""The token of a server on another machine; this machine's own is read from its file."""

_HEALTH_SECONDS = 2.0
_MOST_HEALTH_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Reads `host:port`, `[::1]:port` or `port`. Raises RequestError (`bad_params`)."""
        host, _, port = text.strip().rpartition(":")
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                f"{text!r} is no address of a server.",
                "Write it as host:port, such as 127.0.0.1:7893.",
            )
        return cls(host.strip("[]") or "127.0.0.1", int(port))

    @property
    def netloc(self) -> str:
        """As it stands in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return self.netloc


class Health(msgspec.Struct, frozen=True):
    """What `GET /health` says."""

    status: str
    version: str = ""
    protocol: int = 0


def named_address() -> Address | None:
    """The server that the environment names."""
    text = os.environ.get(SERVER_VARIABLE)
    return Address.parse(text) if text else None


def running_address() -> Address | None:
    """The server of this user on this machine, if it answers."""
    server = home.running()
    if server is None:
        return None
    # A server that listens on every address is reached on this machine's own.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104
    address = Address(host, server.port)
    return address if health(address) else None


def token() -> str:
    """The secret to show."""
    return os.environ.get(TOKEN_VARIABLE) or home.token()


def health(address: Address) -> Health | None:
    """What a server says of itself; None when nothing answers or it is no Bandmate."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(address.host, address.port, timeout=_HEALTH_SECONDS)
    try:
        connection.request("GET", "/health")
        response = connection.getresponse()
        body = response.read(_MOST_HEALTH_BYTES)
        if response.status != 200:
            return None
        found = msgspec.json.decode(body, type=Health)
    except (OSError, HTTPException, msgspec.DecodeError):
        return None
    finally:
        connection.close()
    return found if found.status == "ok" and found.protocol else None
