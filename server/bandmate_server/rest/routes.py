"""The addresses of REST."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bandmate_server.idle import IdleWatch
from bandmate_server.rest.address_book import AddressBook
from bandmate_server.rest.answer_memory import AnswerMemory
from bandmate_server.rest.dispatch import PathEndpoint, answer_unknown_path
from bandmate_server.rest.docs_page import serve_docs
from bandmate_server.rest.limits import RestLimits
from bandmate_server.rest.openapi import document_bytes
from bandmate_server.rest.operation import Operation
from bandmate_server.rest.table import OPERATIONS
from bandmate_server.services import Services

_FOLDER = "/api/v1"


def rest_routes(services: Services, watch: IdleWatch) -> list[BaseRoute]:
    """Routes for the documents about it, and one for all other addresses."""
    limits, memory = RestLimits(), AnswerMemory()
    endpoints = {
        path: PathEndpoint(services, watch, limits, memory, operations)
        for path, operations in _by_path().items()
    }
    return [
        Route(f"{_FOLDER}/openapi.json", _serve_document),
        Route(f"{_FOLDER}/docs", serve_docs),
        Route(f"{_FOLDER}/docs/{{name}}", serve_docs),
        Route(f"{_FOLDER}/{{address:path}}", AddressBook(endpoints, answer_unknown_path)),
    ]


def _by_path() -> dict[str, dict[str, Operation]]:
    found: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        found.setdefault(operation.path, {})[operation.method] = operation
    return found


async def _serve_document(_: Request) -> Response:
    # The first time it takes a while: the texts come from the sources.
    return Response(await asyncio.to_thread(document_bytes), media_type="application/json")
