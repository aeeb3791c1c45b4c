"""The door: no page of another site, exact host, no foreign origin, the token or a sign-in to the console.

Any web page can reach loopback.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.metrics import Metrics
from bandmate_server.web.problem import problem_response
from bandmate_server.web.sign_in import SignIns

_log = logging.getLogger(__name__)

Refusal = tuple[int, str, str]
"""Of a request at a door: status, what it is about, and a sentence."""

KEY_HEADER = "X-Bandmate-Key"
"""Shows the page's half of a sign-in; a page of another origin cannot send it without being asked for it."""
KEY_SUBPROTOCOL = "bandmate.key."
"""Starts the subprotocol that shows the key on a WebSocket, whose headers a page cannot set."""

SIGN_IN_SCOPE = "bandmate.sign_in"
"""Where a request's scope has the name of the sign-in that let it pass; absent when the token did."""

_OWN_SITES = frozenset({"none", "same-origin"})
_MAX_PATH_LENGTH = 80
_READING = frozenset({"GET", "HEAD"})
_OPEN_PATHS = frozenset({"/", "/health", "/console/sign-in", "/api/v1/openapi.json", "/api/v1/docs"})
"""Answers without a token: `/health` says no more than that a Bandmate server is here, `/` is the console's page, to
sign in takes a code, and the documents about REST are the same on every server."""
_OPEN_FOLDERS = ("/page/", "/ticket/", "/api/v1/docs/")
"""The files of the pages, and downloads, whose address is their permission."""


@dataclass(frozen=True)
class AccessRules:
    """Who may come in."""

    token: str
    hosts: frozenset[str]
    """Values of the Host header, with the port."""
    origins: frozenset[str]
    sign_ins: SignIns
    cookie: str
    """The name of the console's cookie."""
    allow_lan: bool = False
    """The addresses of this machine are accepted in the Host header too, where they are those of the connection."""


class AccessGuard:
    """ASGI middleware in front of everything, WebSocket upgrades too."""

    def __init__(self, app: ASGIApp, rules: AccessRules, metrics: Metrics) -> None:
        self._app = app
        self._rules = rules
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request pass, with the name of its sign-in in the scope, or answers 401 or 403."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._find_refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, reason, sentence = refusal
        note_refusal(self._metrics, reason, scope["path"])
        response = problem_response(RequestError(ErrorCode.NOT_ALLOWED, sentence), status)
        # On a WebSocket that is not accepted yet, starlette sends this in place of the upgrade.
        await response(scope, receive, send)

    def _find_refusal(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        own_page = origin is not None and origin == f"http://{host}"
        is_own_host = self._is_own_host(scope, host.lower())
        refusal = find_page_refusal(
            headers, self._rules.origins, is_own_host=is_own_host, is_own_page=own_page
        )
        if refusal is not None:
            return refusal
        if _is_open(scope["path"]) or shows_token(headers, self._rules.token):
            return None
        needs_origin = scope["type"] == "websocket" or scope["method"] not in _READING
        scope[SIGN_IN_SCOPE] = self._sign_in_of(scope, headers)
        if scope[SIGN_IN_SCOPE] and (own_page or not needs_origin):
            return None
        return (
            401,
            "token",
            "The token is missing or wrong; it is in the file `token` of the settings folder. `bandmate console` "
            "signs a browser in.",
        )

    def _is_own_host(self, scope: Scope, host: str) -> bool:
        """Whether a Host header names this server.

        From other machines it may be the very address that they connected to. A page that rebinds its own name to
        that address still sends its name.
        """
        if host in self._rules.hosts:
            return True
        server = scope.get("server")
        return self._rules.allow_lan and server is not None and host == join_netloc(*server)

    def _sign_in_of(self, scope: Scope, headers: Headers) -> str | None:
        cookie = read_cookie(headers, self._rules.cookie)
        key = headers.get(KEY_HEADER) or _key_of_socket(scope.get("subprotocols", ()))
        return self._rules.sign_ins.name_of(cookie, key) if cookie and key else None


def find_page_refusal(
    headers: Headers,
    origins: frozenset[str],
    *,
    is_own_host: bool,
    is_own_page: bool = False,
    is_sealed: bool = False,
) -> Refusal | None:
    """Why a web page must not come in; None for programs, own pages, and pages of `origins`.

    `is_sealed`: the address is the permission, so that players on any page may have it.
    """
    if not is_sealed and is_cross_site(headers, origins):
        return 403, "site", "Web pages of other sites are not allowed here."
    if not is_own_host:
        return 403, "host", "The Host header is not one of this server's names."
    origin = headers.get("origin")
    if origin is not None and not is_own_page and origin not in origins:
        return (
            403,
            "origin",
            "Web pages of this origin are not allowed here; `allowed_origins` in Bandmate's settings names those "
            "that are.",
        )
    return None


def note_refusal(metrics: Metrics, reason: str, path: str) -> None:
    """Counts a refusal at a door, and writes it into the log."""
    metrics.refused[reason] += 1
    _log.warning(f"refused for its {reason}: %s", printable_path(path))


def is_cross_site(headers: Headers, origins: frozenset[str]) -> bool:
    """Whether a browser says that the page of another site asks; an origin that is allowed may be one.

    `Sec-Fetch-Site` (W3C, Fetch Metadata) cannot be set by a page, and comes with requests that have no
    `Origin` too. `none` is what the user typed.
    """
    if all(site in _OWN_SITES for site in headers.getlist("sec-fetch-site")):
        return False
    return headers.get("origin") not in origins


def shows_token(headers: Headers, token: str) -> bool:
    """Whether a request has the token as its bearer."""
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and is_token(shown, token)


def is_token(shown: str, token: str) -> bool:
    """Whether a text is the token; takes as long whatever it is."""
    return hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode())


def read_cookie(headers: Headers, name: str) -> str:
    """The value of a cookie; empty without it."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def join_netloc(host: str, port: int) -> str:
    """Host and port as in a URL; an IPv6 address without the name of its interface."""
    plain = host.partition("%")[0]
    return f"[{plain}]:{port}" if ":" in plain else f"{plain}:{port}"


def printable_path(path: str) -> str:
    """A path for the log: on one line, without control characters, and short, whatever a page asked for."""
    text = ascii(path)
    return text if len(text) <= _MAX_PATH_LENGTH else text[: _MAX_PATH_LENGTH - 3] + "..."


def _is_open(path: str) -> bool:
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDERS)


def _key_of_socket(subprotocols: Sequence[str]) -> str:
    for offered in subprotocols:
        if offered.startswith(KEY_SUBPROTOCOL):
            return offered.removeprefix(KEY_SUBPROTOCOL)
    return ""
