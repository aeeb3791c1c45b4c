"""From an HTTP request to the operation that answers it, and from whatever that raises to a problem."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.faults import as_sendable_error
from bandmate_server.idle import IdleWatch
from bandmate_server.rest.answer_memory import AnswerMemory
from bandmate_server.rest.limits import RestLimits
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.rest.reading import BadBodyError, drain_body, read_json_body, read_path, read_query
from bandmate_server.services import Services
from bandmate_server.web.problem import problem_response, status_of

_log = logging.getLogger(__name__)


class PathEndpoint:
    """An ASGI application for one path: chooses the operation by the method."""

    def __init__(
        self,
        services: Services,
        watch: IdleWatch,
        limits: RestLimits,
        memory: AnswerMemory,
        operations: Mapping[str, Operation],
    ) -> None:
        self._services = services
        self._limits = limits
        self._memory = memory
        self._watch = watch
        self._operations = dict(operations)
        if "GET" in operations:
            self._operations["HEAD"] = operations["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers; the server counts as busy until the answer has been sent."""
        request = Request(scope, receive, send)
        with self._watch.working():
            response = await self._answer(request)
            try:
                await response(scope, receive, send)
            except ClientDisconnect:
                return

    async def _answer(self, request: Request) -> Response:
        operation = self._operations.get(request.method)
        if operation is None:
            return await _refuse_method(request, sorted(self._operations))
        try:
            return await operation.handler(await self._read_call(request, operation))
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:  # noqa: BLE001 - every fault becomes an answer
            return await _answer_error(request, operation, error)

    async def _read_call(self, request: Request, operation: Operation) -> Call:
        path = read_path(request.path_params, operation.path_types)
        query = read_query(request, operation.query)
        body = await read_json_body(request, operation.body, path) if operation.body else None
        return Call(self._services, self._limits, self._memory, request, path, query, body)


async def answer_unknown_path(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI application for every address below `/api/v1` that is none."""
    request = Request(scope, receive, send)
    await drain_body(request)
    error = RequestError(
        ErrorCode.BAD_MESSAGE,
        "There is nothing at this address.",
        "`/api/v1/openapi.json` lists the addresses; `/api/v1/docs` shows them.",
    )
    await problem_response(error, 404)(scope, receive, send)


async def _refuse_method(request: Request, methods: list[str]) -> Response:
    await drain_body(request)
    names = ", ".join(methods)
    error = RequestError(
        ErrorCode.BAD_MESSAGE,
        say("The method {method} is not known at this address.", method=request.method[:20]),
        say("Use {names}.", names=names),
    )
    return problem_response(error, 405, {"Allow": names})


async def _answer_error(request: Request, operation: Operation, error: Exception) -> Response:
    await drain_body(request)
    reason = as_sendable_error(error)
    if not isinstance(error, BandmateError):
        trace = None if reason.code == ErrorCode.DISK_FULL else error
        _log.error("the request %s failed: %s", operation.name, error, exc_info=trace)
    return problem_response(reason, _status_of(operation, reason))


def _status_of(operation: Operation, error: BandmateError) -> int:
    if isinstance(error, BadBodyError):
        return error.status
    if error.code == ErrorCode.INPUT_MISSING and operation.method != "GET":
        # The address is right; what the body names is missing.
        return 422
    return status_of(error)
