"""Files over HTTP with byte ranges (RFC 9110, section 14), also of files whose end is not written yet."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.rest.event_stream import wait_until_gone
from bandmate_server.sessions.stem_files import AudioLostError
from bandmate_server.web.problem import problem_response

_log = logging.getLogger(__name__)

_PIECE_BYTES = 256 << 10


class ByteSource(Protocol):
    """A file whose size is known."""

    size: int

    def pieces(self, first: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `first` up to `end`, exclusive. What it raises cuts the answer off."""
        ...

    def close(self) -> None:
        """Lets go of it."""
        ...


class TemporaryFile:
    """A file that was made for one answer, with its folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    async def pieces(self, first: int, end: int) -> AsyncIterator[bytes]:
        """See ByteSource."""
        with self._path.open("rb") as file:
            file.seek(first)
            while first < end:
                data = await asyncio.to_thread(file.read, min(_PIECE_BYTES, end - first))
                if not data:
                    raise OSError("the file is shorter than it was")
                first += len(data)
                yield data

    def close(self) -> None:
        """Deletes the folder."""
        shutil.rmtree(self._path.parent, ignore_errors=True)


class RangedResponse(Response):
    """A source, or the part of it that `Range` asks for."""

    def __init__(
        self,
        source: ByteSource,
        media_type: str,
        name: str,
        *,
        tag: str = "",
        release: Callable[[], None] = lambda: None,
    ) -> None:
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
        if tag:
            headers["ETag"] = f'"{tag}"'
        super().__init__(headers=headers, media_type=media_type)
        self._source = source
        self._tag = tag
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, and closes the source."""
        try:
            await self._respond(Request(scope), receive, send)
        finally:
            self._source.close()
            self._release()

    async def _respond(self, request: Request, receive: Receive, send: Send) -> None:
        size = self._source.size
        asked = parse_range(request.headers.get("range", ""), size) if self._may_be_partial(request) else None
        first, end = asked or (0, size)
        if first >= end and asked:
            error = RequestError(
                ErrorCode.BAD_PARAMS,
                say("The range lies outside the file, which has {size} bytes.", size=size),
            )
            refusal = problem_response(error, 416, {"Content-Range": f"bytes */{size}"})
            await refusal(request.scope, receive, send)
            return
        self.headers["content-length"] = str(end - first)
        if asked:
            self.headers["content-range"] = f"bytes {first}-{end - 1}/{size}"
        start = {"type": "http.response.start", "status": 206 if asked else 200, "headers": self.raw_headers}
        await send(start)
        if request.method != "HEAD":
            try:
                await _send_pieces(self._source.pieces(first, end), receive, send)
            except (AudioLostError, OSError) as error:
                # The length was promised: without its last bytes the client knows that something is missing.
                _log.warning("an answer was cut off: %s", error)
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _may_be_partial(self, request: Request) -> bool:
        condition = request.headers.get("if-range")
        return condition is None or (bool(self._tag) and condition == f'"{self._tag}"')


def parse_range(text: str, size: int) -> tuple[int, int] | None:
    """First byte and end of one range of bytes; an end at or before the first byte where it lies outside.

    None for what has to be ignored: another unit, several ranges, nonsense.
    """
    unit, _, span = text.partition("=")
    first, dash, last = span.strip().partition("-")
    digits = first + last
    if (
        unit.strip() != "bytes"
        or not dash
        or not (digits.isascii() and digits.isdecimal())
        or len(digits) > 40
    ):
        return None
    if not first:
        return max(size - int(last), 0), size if int(last) else 0
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


async def _send_pieces(pieces: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    """Sends until all is sent or the client has left, which also ends a wait for audio to come."""
    gone = asyncio.create_task(wait_until_gone(receive), name="client leaves")
    try:
        while True:
            following = asyncio.ensure_future(anext(pieces, None))
            await asyncio.wait({following, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
                return
            data = following.result()
            if data is None:
                return
            await send({"type": "http.response.body", "body": data, "more_body": True})
    finally:
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
