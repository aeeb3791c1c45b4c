"""CORS for REST and compatible APIs: pages of the origins that the settings allow may read its answers."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS = ("Authorization", "Content-Type", "Last-Event-ID", "Range", "If-Range")


class CrossOriginAccess:
    """ASGI middleware before the access check, since a browser's preflight shows no token.

    It answers preflights of allowed origins alone, and only below a folder; all else goes on to the check.
    """

    def __init__(
        self,
        app: ASGIApp,
        origins: frozenset[str],
        folder: str = "/api/",
        headers: tuple[str, ...] = _HEADERS,
    ) -> None:
        self._app = app
        self._folder = folder
        self._origins = origins
        self._answering = CORSMiddleware(
            app,
            allow_origins=sorted(origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=headers,
            expose_headers=["Content-Range", "ETag", "Link", "Location"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers where they belong."""
        is_allowed = (
            bool(self._origins)
            and scope["type"] == "http"
            and scope["path"].startswith(self._folder)
            and Headers(scope=scope).get("origin") in self._origins
        )
        app = self._answering if is_allowed else self._app
        await app(scope, receive, send)
