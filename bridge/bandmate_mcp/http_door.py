"""MCP over streamable HTTP on this machine, for programs that show the server's token.

The access check in front of it is that of Bandmate's server: token, Host, Origin, and what browsers say of the page
that asks. It runs in a process of its own, so that the server needs neither the SDK nor the bridge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bandmate_bridge.client.address import current_token
from bandmate_mcp.server import build_server
from bandmate_server.listening import listening_socket
from bandmate_server.metrics import Metrics
from bandmate_server.web.guard import AccessGuard, AccessRules, join_netloc
from bandmate_server.web.http_server import MainServer, http_config, serve_until_stopped
from bandmate_server.web.sign_in import SignIns

PATH = "/mcp"
_HOST = "127.0.0.1"
_NAMES = (_HOST, "localhost", "::1")
_MAX_SESSIONS = 64
"""Of programs that speak a revision of MCP with sessions."""


def serve_http(port: int, ready: Callable[[str], None]) -> None:
    """Serves on a port of this machine until SIGINT or SIGTERM; `ready` gets the address. 0 takes a free port.

    Raises RequestError (`port_busy`), BandmateError (`file_unusable`) for a token that cannot be read.
    """
    token = current_token()
    with listening_socket(_HOST, port, "bandmate mcp --http") as listener:
        taken = listener.getsockname()[1]
        server = MainServer(http_config(_guarded_app(token, taken), lifespan="on"))
        address = f"http://{join_netloc(_HOST, taken)}{PATH}"
        asyncio.run(serve_until_stopped(server, listener, lambda: ready(address)))


def _guarded_app(token: str, port: int) -> AccessGuard:
    app = build_server().streamable_http_app(
        streamable_http_path=PATH, host=_HOST, max_sessions=_MAX_SESSIONS
    )
    rules = AccessRules(
        token,
        frozenset(join_netloc(name, port) for name in _NAMES),
        origins=frozenset(),
        sign_ins=SignIns(None),
        cookie=f"bandmate_{port}",
    )
    return AccessGuard(app, rules, Metrics())
