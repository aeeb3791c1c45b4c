"""The console's routes for audio: peaks to draw, ranges to play, and files to take away."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_server.audio.child_process import ask_program
from bandmate_server.audio.peaks import PEAKS_SUFFIX, read_peaks
from bandmate_server.services import Services
from bandmate_server.web.downloads import DownloadOrder, answer_download, name_download
from bandmate_server.web.problem import problem_response
from bandmate_server.web.tickets import Tickets

_PEAKS_MODULE = "bandmate_server.audio.peaks_process"
_MAX_BUCKETS = 1 << 20
_MAX_RANGE_BYTES = 8 << 20
_MAX_BODY_BYTES = 1 << 18
_SHA256 = re.compile(r"[0-9a-f]{64}")

Handler = Callable[[Request], Awaitable[Response]]


class ConsoleAudio:
    """`/console/peaks`, `/console/audio`, `/console/upload`, `/console/download` and `/ticket`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tickets: Tickets[DownloadOrder] = Tickets()
        self._peaks_lock = asyncio.Lock()

    async def peaks(self, request: Request) -> Response:
        """`?most=N`: the lows, then the highs, of at most N buckets; a header says how many frames each stands for."""
        sha256, most = _hash_of(request), _number(request, "most", 2_000, _MAX_BUCKETS)
        bucket_frames, lows, highs = await self._read_peaks(sha256, max(most, 1))
        headers = {"X-Bandmate-Bucket-Frames": str(bucket_frames), "Cache-Control": "private, max-age=3600"}
        return Response(lows + highs, media_type="application/octet-stream", headers=headers)

    async def audio(self, request: Request) -> Response:
        """`?from=F&frames=N`: frames of a finished stem, as interleaved f32le; at most 8 MiB."""
        sha256 = _hash_of(request)
        layout = self._services.store.stem_layout(sha256)
        path = self._services.shelf.stem_path(sha256)
        if layout is None or not await self._services.shelf.is_intact(path):
            raise _no_audio_error()
        frame_bytes = 4 * layout[1]
        start = _number(request, "from", 0, 1 << 40)
        frames = _number(request, "frames", _MAX_RANGE_BYTES // frame_bytes, _MAX_RANGE_BYTES // frame_bytes)
        data = await asyncio.to_thread(_read_range, path, start * frame_bytes, frames * frame_bytes)
        self._services.store.mark_used([sha256])
        return Response(data, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    async def upload(self, request: Request) -> Response:
        """The bytes of a file that was uploaded, as they came."""
        found = await self._services.shelf.find(_hash_of(request))
        if found is None or found[0] != "upload":
            raise _no_audio_error()
        headers = {"Cache-Control": "private, max-age=3600"}
        return FileResponse(found[1], media_type="application/octet-stream", headers=headers)

    async def order_download(self, request: Request) -> Response:
        """A `DownloadOrder` in JSON; the answer has the address of the file."""
        body = await request.body()
        try:
            order = msgspec.json.decode(body[:_MAX_BODY_BYTES], type=DownloadOrder)
        except msgspec.DecodeError as error:
            raise RequestError(ErrorCode.BAD_PARAMS, str(error)) from error
        name = name_download(self._services, order)
        return JSONResponse({"address": f"/ticket/{self._tickets.give(order)}/{quote(name)}", "name": name})

    async def ticket(self, request: Request) -> Response:
        """The file that a ticket stands for."""
        order = self._tickets.redeem(request.path_params["ticket"])
        if order is None:
            raise RequestError(
                ErrorCode.INPUT_MISSING, "This address is too old.", "Download the file from the page again."
            )
        return await answer_download(self._services, order)

    async def _read_peaks(self, sha256: str, most: int) -> tuple[int, bytes, bytes]:
        """As `read_peaks`; a damaged file is made again."""
        path = await self._peaks_path(sha256)
        try:
            return await asyncio.to_thread(read_peaks, path, most)
        except ValueError:
            path.unlink(missing_ok=True)
            return await asyncio.to_thread(read_peaks, await self._peaks_path(sha256), most)

    async def _peaks_path(self, sha256: str) -> Path:
        """Where the peaks of some audio lie; made here when they are missing."""
        found = await self._services.shelf.find(sha256)
        if found is None:
            raise _no_audio_error()
        kind, audio = found
        target = audio.with_name(f"{sha256}{PEAKS_SUFFIX}")
        async with self._peaks_lock:
            if not target.exists():
                layout = self._services.store.stem_layout(sha256) if kind == "stem" else None
                await _make_peaks(audio, target, layout)
        return target


def answering_errors(handler: Handler) -> Handler:
    """A route whose BandmateError becomes a problem, as REST has it."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except BandmateError as error:
            return problem_response(error)

    return answer


async def _make_peaks(audio: Path, target: Path, layout: tuple[int, int] | None) -> None:
    """In a process of its own, as everything that decodes. Raises RequestError (`input_unusable`)."""
    layout_texts = (str(number) for number in layout or ())
    status, _ = await ask_program(_PEAKS_MODULE, str(audio), str(target), *layout_texts)
    if status:
        raise RequestError(ErrorCode.INPUT_UNUSABLE, "This audio cannot be drawn, because it cannot be read.")


def _read_range(path: Path, start: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size)


def _hash_of(request: Request) -> str:
    sha256 = str(request.path_params["sha256"])
    if not _SHA256.fullmatch(sha256):
        raise _no_audio_error()
    return sha256


def _number(request: Request, name: str, usual: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise RequestError(ErrorCode.BAD_PARAMS, f"`{name}` is no whole number.")
    return min(int(text), most)


def _no_audio_error() -> RequestError:
    return RequestError(
        ErrorCode.INPUT_MISSING,
        "This audio is no longer on the server.",
        "Run the job again with the same seed.",
    )
