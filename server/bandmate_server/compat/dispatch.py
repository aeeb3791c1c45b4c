"""From a request to the handler that answers it, and from whatever that raises to the API's form of an error."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_server.compat.api import CompatContext
from bandmate_server.faults import as_sendable_error
from bandmate_server.rest.reading import BadBodyError, drain_body
from bandmate_server.web.problem import status_of

_log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]
ErrorAnswer = Callable[[BandmateError, int], Response]
"""An error and the HTTP status that fits it, as an answer in the API's form."""


def endpoint(context: CompatContext, handler: Handler, answer_error: ErrorAnswer) -> Handler:
    """A handler for a Route, in which every fault becomes an answer; the server counts as busy meanwhile."""

    async def answer(request: Request) -> Response:
        with context.watch.working():
            try:
                return await handler(request)
            except ClientDisconnect:
                return Response(status_code=499)
            except Exception as error:  # noqa: BLE001 - every fault becomes an answer
                await drain_body(request)
                return _answer(error, handler, answer_error)

    return answer


def _answer(error: Exception, handler: Handler, answer_error: ErrorAnswer) -> Response:
    reason = as_sendable_error(error)
    if not isinstance(error, BandmateError):
        trace = None if reason.code == ErrorCode.DISK_FULL else error
        _log.error("the request %s failed: %s", getattr(handler, "__name__", "?"), error, exc_info=trace)
    return answer_error(reason, reason.status if isinstance(reason, BadBodyError) else status_of(reason))
