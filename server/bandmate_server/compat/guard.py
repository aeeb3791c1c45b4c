"""The door of a compatible API's port; refusals have the form that its clients read."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bandmate_server.compat.access import UNAUTHORISED, CompatAccess
from bandmate_server.compat.api import CompatApi
from bandmate_server.metrics import Metrics
from bandmate_server.web.guard import Refusal, note_refusal


class CompatGuard:
    """ASGI middleware in front of everything."""

    def __init__(self, app: ASGIApp, api: CompatApi, access: CompatAccess, metrics: Metrics) -> None:
        self._app = app
        self._api = api
        self._access = access
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request pass, or answers 401 or 403."""
        if scope["type"] != "http":
            refusal: Refusal | None = (403, "site", "There are no WebSockets here.")
        else:
            refusal = self._find_refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, reason, sentence = refusal
        note_refusal(self._metrics, reason, scope["path"])
        await self._api.refusal(status, sentence)(scope, receive, send)

    def _find_refusal(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        refusal = self._access.find_page_refusal(headers, is_sealed=scope["path"] in self._api.sealed_paths)
        if refusal is not None:
            return refusal
        is_checked_later = self._api.token_in_body and scope["method"] == "POST"
        if scope["path"] in self._api.open_paths or is_checked_later or self._access.has_token(headers):
            return None
        return 401, "token", UNAUTHORISED
