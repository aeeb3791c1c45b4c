"""A client of compatible APIs for tests: one request a connection, as curl sends it."""

from __future__ import annotations

import http.client
import json
from typing import Any

from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer
from tests.server.rest.client import Answer


def api_port(server: RunningServer, setting: str) -> int:
    """The port of an API of a running server."""
    return json.loads((server.home / "state" / "server.json").read_text())["apis"][setting]


class CompatClient:
    def __init__(self, server: RunningServer, setting: str) -> None:
        self.port = api_port(server, setting)
        self.token = server.token
        self.base = f"http://127.0.0.1:{self.port}"

    def raw(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request, with these headers and no others."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, headers or {})
            found = connection.getresponse()
            names = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, names, found.read())
        finally:
            connection.close()

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """As `raw`, with the token; what is not bytes goes as JSON."""
        shown = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            shown.setdefault("Content-Type", "application/json")
        return self.raw(method, path, body, shown)
