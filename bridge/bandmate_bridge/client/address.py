"""Where a server is, and whether one is there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from bandmate_plugins._platform import home
from bandmate_plugins._platform.health import is_own_server
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

SERVER_VARIABLE = "BANDMATE_SERVER"
"""Names a server as `host:port`; then no other is looked for and none is started."""

TOKEN_VARIABLE = "BANDMATE_TOKEN"  # noqa: S105 - the name of a variable
"""The token of a server on another machine; this machine's own is read from its file."""
_URL_STARTS = ("ws://", "http://")
_PORT_END = re.compile(r":[0-9]+$")
_DEFAULT_PORT = 7893


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A host and a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> ServerAddress:
        """Reads `host:port`, `[::1]:port`, `port`, or a URL `ws://host:port/ws`, whose port may be left out.

        Raises RequestError (`bad_params`).
        """
        host, _, port = _without_url(text.strip()).rpartition(":")
        if "/" in host or not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("{text!r} is not a server address.", text=text),
                "Write it as host:port, such as 127.0.0.1:7893.",
            )
        return cls(host.strip("[]") or "127.0.0.1", int(port))

    @property
    def netloc(self) -> str:
        """As it stands in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return self.netloc


def _without_url(text: str) -> str:
    """`host:port` of a URL without encryption; other text as it is."""
    if not text.startswith(_URL_STARTS):
        return text
    bare = text.partition("://")[2].removesuffix("/ws").rstrip("/")
    return bare if not bare or _PORT_END.search(bare) else f"{bare}:{_DEFAULT_PORT}"


def named_address() -> ServerAddress | None:
    """The server that the environment names."""
    text = os.environ.get(SERVER_VARIABLE)
    return ServerAddress.parse(text) if text else None


def running_address() -> ServerAddress | None:
    """The server of this user on this machine, if it answers and knows the token.

    Its port may be another program's by now, even another user's.
    """
    server = home.read_running()
    if server is None:
        return None
    address = ServerAddress(home.reachable_host(server.host), server.port)
    return address if is_own_server(address.host, address.port, home.server_token()) else None


def current_token() -> str:
    """The secret to show, to a server that has proved to know it."""
    return os.environ.get(TOKEN_VARIABLE) or home.server_token()
