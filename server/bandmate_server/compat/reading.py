"""Bodies as the clients of compatible APIs send them, within bounds."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from bandmate_server.rest.reading import check_encoding, decode_json, read_bytes

MAX_JSON_BYTES = 4 << 20


async def read_body(request: Request, most_bytes: int = MAX_JSON_BYTES) -> bytes:
    """The body. Raises BadBodyError: 413, 408 after 30 s, 415 for compressed ones; ClientDisconnect."""
    check_encoding(request)
    return await read_bytes(request, most_bytes, "")


async def read_json(request: Request, most_bytes: int = MAX_JSON_BYTES) -> Any:
    """The body as JSON says it. Raises as `read_body`, and BadBodyError (400) where it is none or nests too deep."""
    return decode_json(await read_body(request, most_bytes))
