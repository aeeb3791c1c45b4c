"""Forms with files, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from bandmate_protocol.texts import say
from bandmate_server.rest.reading import BadBodyError, too_large_error

MAX_FIELDS = 256
_MAX_FILES = 4
_MAX_FIELD_BYTES = 1 << 20
_PIECE_SECONDS = 30.0
"""How long a client may take for the next bytes of a file."""


async def read_multipart(request: Request, most_bytes: int) -> FormData:
    """A form whose files lie in temporary ones until the caller closes it.

    Raises BadBodyError (400, 408, 413), ClientDisconnect.
    """
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:20]) > most_bytes:
        raise too_large_error(most_bytes)
    parser = MultiPartParser(
        request.headers,
        _bounded(request, most_bytes),
        max_files=_MAX_FILES,
        max_fields=MAX_FIELDS,
        max_part_size=_MAX_FIELD_BYTES,
    )
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise BadBodyError(400, say("The form cannot be read: {reason}", reason=error.message)) from error


async def _bounded(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces. Raises BadBodyError (408, 413)."""
    size = 0
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(_PIECE_SECONDS):
                chunk = await anext(stream, None)
        except TimeoutError as error:
            raise BadBodyError(408, say("Nothing came for {most:.0f} s.", most=_PIECE_SECONDS)) from error
        if chunk is None:
            return
        size += len(chunk)
        if size > most_bytes:
            raise too_large_error(most_bytes)
        yield chunk
