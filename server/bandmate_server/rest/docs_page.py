"""The page that shows the interface and sends requests to try it, without a token of its own or another host."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.web.console_page import safety_headers
from bandmate_server.web.problem import problem_response

_START = "index.html"
_MEDIA_TYPES = {
    _START: "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}


async def serve_docs(request: Request) -> Response:
    """`GET /api/v1/docs`, and its files below that."""
    name = request.path_params.get("name", _START)
    if name not in _MEDIA_TYPES:
        return problem_response(RequestError(ErrorCode.BAD_MESSAGE, "The page has no such file."), 404)
    headers = {"Cache-Control": "no-cache", **safety_headers(request, media="'self' blob:")}
    return Response(_read_file(name), headers=headers, media_type=_MEDIA_TYPES[name])


@cache
def _read_file(name: str) -> bytes:
    return (files("bandmate_server.rest") / "page" / name).read_bytes()
