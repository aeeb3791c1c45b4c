"""Audio on its way to the server, by its hash: in one piece or in several, taken up again after a cut."""

from __future__ import annotations

import asyncio

import msgspec
from starlette.responses import Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Have, Missing, Pin, Pinned, Probe, Probed, Upload
from bandmate_protocol.texts import say
from bandmate_protocol.units import Bytes, Name, Sha256
from bandmate_server.rest.answers import json_answer
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.rest.reading import BadBodyError, check_encoding, drain_body
from bandmate_server.services import Services
from bandmate_server.sessions import requests

_PIECE_SECONDS = 30.0
"""How long a client may take for the next bytes."""
_PIECE_BYTES = 1 << 20
_FILE = {"sha256": Sha256}


class UploadQuery(msgspec.Struct, frozen=True):
    """Where the body goes in the file."""

    offset: Bytes = 0
    """Pieces come in order and without gaps; `received_bytes` says where the next one starts."""
    total_bytes: Bytes | None = None
    """The length of the whole file; if omitted, the body is its end."""


class UploadState(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a file is here."""

    sha256: Sha256
    received_bytes: Bytes
    """Where the next piece starts; the length of a file that is complete."""
    complete: bool
    """The hash was checked, and jobs may name the file."""


async def get_upload(call: Call) -> Response:
    """How much of a file is here."""
    return json_answer(await _state_of(call.services, call.path["sha256"]))


async def put_upload(call: Call) -> Response:
    """A file, or the next piece of it. What came before a cut stays; ask where to continue, and send the rest. The hash
    is checked when the last byte has come.
    """
    sha256 = call.path["sha256"]
    check_encoding(call.request)
    whole = await call.services.shelf.find(sha256) is not None
    if not whole:
        whole = await _take_body(call, sha256)
        if whole:
            await requests.finish_upload(call.services, sha256)
    await drain_body(call.request)
    return json_answer(await _state_of(call.services, sha256))


async def find_missing(call: Call) -> Response:
    """Which of some files have to be uploaded, and from which byte on."""
    message: Have = call.body
    return json_answer(await requests.find_missing(call.services, message))


async def probe_audio(call: Call) -> Response:
    """What is in an uploaded file or a finished stem, as the server decodes it."""
    return json_answer(
        await requests.probe_audio(call.services, Probe(request="rest", sha256=call.path["sha256"]))
    )


async def pin_audio(call: Call) -> Response:
    """Protects audio from the retention budget while `owner` names it; replaces what that owner pinned before."""
    message: Pin = call.body
    return json_answer(await requests.pin_audio(call.services, message))


async def _take_body(call: Call, sha256: str) -> bool:
    """Takes in the body; true when nothing of the file is missing. Raises RequestError, BadBodyError."""
    query: UploadQuery = call.query
    offset, total = query.offset, query.total_bytes
    if total is None:
        total = offset + _stated_length(call)
    whole, buffer = False, bytearray()
    stream = aiter(call.request.stream())
    while True:
        try:
            async with asyncio.timeout(_PIECE_SECONDS):
                chunk = await anext(stream, None)
        except TimeoutError as error:
            raise BadBodyError(
                408,
                say("Nothing came for {most:.0f} s.", most=_PIECE_SECONDS),
                "GET the same address to find out where to continue.",
            ) from error
        buffer += chunk or b""
        if chunk is None or len(buffer) >= _PIECE_BYTES:
            whole = await _accept(call.services, sha256, total, offset, bytes(buffer))
            offset += len(buffer)
            buffer.clear()
        if chunk is None:
            return whole


async def _accept(services: Services, sha256: str, total: int, offset: int, data: bytes) -> bool:
    try:
        return await services.uploads.accept_piece(
            Upload(sha256=sha256, total_bytes=total, offset=offset, data=data)
        )
    except RequestError as error:
        if error.code == ErrorCode.QUOTA_EXCEEDED:
            # A file that is too large does not fit later either, as that status would say.
            raise BadBodyError(413, error.sentence, error.remedy, code=error.code) from error
        raise


def _stated_length(call: Call) -> int:
    stated = call.request.headers.get("content-length", "")
    if not (stated.isascii() and stated.isdecimal()) or len(stated) > 15:
        raise BadBodyError(
            411,
            "Nobody knows how long the file is.",
            "Send `Content-Length`, or `total_bytes` in the address.",
        )
    return int(stated)


async def _state_of(services: Services, sha256: str) -> UploadState:
    found = await services.shelf.find(sha256)
    if found is not None:
        return UploadState(sha256=sha256, received_bytes=found[1].stat().st_size, complete=True)
    missing = await services.uploads.missing_files((sha256,))
    return UploadState(sha256=sha256, received_bytes=missing[0][1] if missing else 0, complete=False)


OPERATIONS = (
    Operation("POST", "/uploads/missing", find_missing, "audio", {200: Missing}, body=Have),
    Operation("GET", "/uploads/{sha256}", get_upload, "audio", {200: UploadState}, _FILE),
    Operation(
        "PUT",
        "/uploads/{sha256}",
        put_upload,
        "audio",
        {200: UploadState},
        _FILE,
        UploadQuery,
        takes_octets=True,
        problems=(411, 507),
    ),
    Operation("GET", "/audio/{sha256}", probe_audio, "audio", {200: Probed}, _FILE),
    Operation("PUT", "/pins/{owner}", pin_audio, "audio", {200: Pinned}, {"owner": Name}, body=Pin),
)
