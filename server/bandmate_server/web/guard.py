"""The door: no page of another site, exact host, no foreign origin, the right token.

Any web page can reach loopback.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bandmate_protocol.errors import ErrorCode
from bandmate_server.metrics import Metrics

_log = logging.getLogger(__name__)

_OWN_SITES = frozenset({"none", "same-origin"})
_MAX_PATH_LENGTH = 80
_OPEN_PATHS = frozenset({"/health"})
"""Answers without a token: it says no more than that a Bandmate server is here."""


@dataclass(frozen=True)
class AccessRules:
    """Who may come in."""

    token: str
    hosts: frozenset[str]
    """Values of the Host header, with the port."""
    origins: frozenset[str]


class AccessGuard:
    """ASGI middleware in front of everything, WebSocket upgrades too."""

    def __init__(self, app: ASGIApp, rules: AccessRules, metrics: Metrics) -> None:
        self._app = app
        self._rules = rules
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request pass, or answers 401 or 403."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._find_refusal(Headers(scope=scope), scope["path"])
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, reason, sentence = refusal
        self._metrics.refused[reason] += 1
        _log.warning(f"refused for its {reason}: %s", printable_path(scope["path"]))
        body = {"code": ErrorCode.NOT_ALLOWED.value, "sentence": sentence}
        response = JSONResponse(body, status_code=status)
        # On a WebSocket that is not accepted yet, starlette sends this in place of the upgrade.
        await response(scope, receive, send)

    def _find_refusal(self, headers: Headers, path: str) -> tuple[int, str, str] | None:
        if self._is_cross_site(headers):
            return 403, "site", "Web pages of other sites are not allowed here."
        if headers.get("host", "").lower() not in self._rules.hosts:
            return 403, "host", "The Host header is not one of this server's names."
        origin = headers.get("origin")
        if origin is not None and origin not in self._rules.origins:
            return 403, "origin", "Web pages of this origin are not allowed here."
        if path in _OPEN_PATHS:
            return None
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(shown.encode(), self._rules.token.encode()):
            return (
                401,
                "token",
                "The token is missing or wrong; it is in the file `token` of the settings folder.",
            )
        return None

    def _is_cross_site(self, headers: Headers) -> bool:
        """Whether a browser says that the page of another site asks; an origin that is allowed may be one.

        `Sec-Fetch-Site` (W3C, Fetch Metadata) cannot be set by a page, and comes with requests that have no
        `Origin` too. `none` is what the user typed.
        """
        if headers.get("origin") in self._rules.origins:
            return False
        return any(site not in _OWN_SITES for site in headers.getlist("sec-fetch-site"))


def printable_path(path: str) -> str:
    """A path for the log: on one line, without control characters, and short, whatever a page asked for."""
    text = ascii(path)
    return text if len(text) <= _MAX_PATH_LENGTH else text[: _MAX_PATH_LENGTH - 3] + "..."
