"""Answers as upstream writes them: JSON, `error` in one that refuses, and parts of audio under one fixed boundary."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bandmate_protocol.errors import BandmateError
from bandmate_server.compat.answers import NO_STORE, plain_answer, refusal_error
from bandmate_server.rest.ranges import TemporaryFile

_BOUNDARY = "ace-batch-boundary"
"""Clients look for it without reading the header that names it."""
_END = f"--{_BOUNDARY}--\r\n".encode()
_MULTIPART = f"multipart/mixed; boundary={_BOUNDARY}"


def error_answer(error: BandmateError, status: int) -> Response:
    """Upstream's `error`, and our code and remedy. Upstream answers whatever is wrong with a request by 400."""
    said = {"error": str(error), "bandmate_code": error.code.value, "remedy": error.remedy}
    return plain_answer(said, 400 if status == 422 else status)


def refusal_answer(status: int, sentence: str) -> Response:
    """A refusal before any route: of the token, the Host, the Origin, the address."""
    return error_answer(refusal_error(status, sentence), status)


def json_part_answer(value: Any) -> Response:
    """Plain values as the one part of an answer that upstream sends in parts."""
    body = _part_head("application/json") + msgspec.json.encode(value) + b"\r\n" + _END
    return Response(body, 200, NO_STORE, _MULTIPART)


@dataclass(frozen=True)
class AudioPart:
    """A file of an answer; whoever sends the answer deletes it."""

    file: TemporaryFile
    media_type: str


class AudioPartsAnswer(StreamingResponse):
    """Audio files in one answer, which deletes them once they are sent, or the client has left."""

    def __init__(self, parts: Sequence[AudioPart]) -> None:
        self._parts = parts
        length = sum(len(_part_head(part.media_type)) + part.file.size + 2 for part in parts) + len(_END)
        headers = {**NO_STORE, "Content-Length": str(length)}
        super().__init__(_pieces(parts), 200, headers, _MULTIPART)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            for part in self._parts:
                part.file.close()


async def _pieces(parts: Sequence[AudioPart]) -> AsyncIterator[bytes]:
    for part in parts:
        yield _part_head(part.media_type)
        async for piece in part.file.pieces(0, part.file.size):
            yield piece
        yield b"\r\n"
    yield _END


def _part_head(media_type: str) -> bytes:
    return f"--{_BOUNDARY}\r\nContent-Type: {media_type}\r\n\r\n".encode()
