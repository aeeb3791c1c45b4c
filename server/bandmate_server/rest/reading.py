"""Requests over HTTP as Structs, under the bounds of the wire.

A body that stands for a message passes the wire's own decoder, so that no value comes in here which a client on the
WebSocket could not have sent, or could not be sent back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgpack
import msgspec
from starlette.requests import ClientDisconnect, Request

from bandmate_protocol.codec import CLIENT_FRAMES, MAX_FRAME_BYTES, MAX_ITEMS, MAX_TEXT_BYTES, MAX_VALUES
from bandmate_protocol.errors import BandmateError, ErrorCode, RemoteProtocolError, RequestError
from bandmate_protocol.messages import Message, type_of
from bandmate_protocol.texts import say
from bandmate_protocol.units import one_line
from bandmate_protocol.unknown_names import nearest_name_text
from bandmate_server.rest.operation import StructType

BODY_SECONDS = 30.0
"""How long a client may take for a JSON body."""
_MAX_DRAINED_BYTES = 64 << 20
"""What is read of a refused body, so that its sender gets to read the answer."""
HIDDEN_FIELDS = frozenset({"type", "request"})
"""Fields of messages that HTTP has no use for."""
_REQUEST_ID = "rest"
_UPLOADS_REMEDY = "Audio is sent to `/api/v1/uploads/{sha256}`."
_SHOWN_CHARS = 64
"""How much of a wrong address is repeated."""


class BadBodyError(RequestError):
    """Raised for a body that is refused before it is looked into; it has a status of its own."""

    def __init__(
        self, status: int, sentence: str, remedy: str = "", *, code: ErrorCode = ErrorCode.BAD_MESSAGE
    ) -> None:
        super().__init__(code, sentence, remedy)
        self.status = status


def visible_fields(kind: StructType, given: Mapping[str, Any]) -> list[str]:
    """The fields of a Struct that a body or query may have, without those that the path gives."""
    hidden = HIDDEN_FIELDS if issubclass(kind, Message) else frozenset()
    return [name for name in kind.__struct_encode_fields__ if name not in hidden and name not in given]


async def read_json_body(request: Request, kind: StructType, given: Mapping[str, Any]) -> msgspec.Struct:
    """The body as a Struct, with what the path gives. Raises RequestError, BadBodyError, ClientDisconnect."""
    _check_headers(request)
    fields = decode_json(await read_bytes(request) or b"{}")
    if not isinstance(fields, dict):
        raise BadBodyError(400, "The body is not a JSON object.")
    known = visible_fields(kind, given)
    for name in fields:
        if name not in known:
            raise _unknown_name_error("field", name, known)
    value = to_struct(kind, {**fields, **given})
    for path, name, names in _unknown_fields(fields, value, ""):
        raise _unknown_name_error("field", path + name, names)
    return value


def read_query(request: Request, kind: StructType | None) -> Any:
    """The query as a Struct. Raises RequestError (`bad_params`)."""
    if kind is None and not request.scope["query_string"]:
        return None
    names = visible_fields(kind, {}) if kind else []
    fields: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name not in names:
            raise _unknown_name_error("parameter", name, names)
        if name in fields:
            raise RequestError(ErrorCode.BAD_PARAMS, say("The parameter `{name}` comes twice.", name=name))
        fields[name] = text
    if kind is None:
        return None
    extra = {"request": _REQUEST_ID} if "request" in kind.__struct_fields__ else {}
    try:
        return msgspec.convert(fields | extra, kind, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise RequestError(
            ErrorCode.BAD_PARAMS, say("A query parameter is wrong: {reason}.", reason=error)
        ) from error


def read_path(path: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a path. Raises BadBodyError (404) where one cannot be what it stands for."""
    found = {}
    for name, kind in types.items():
        try:
            found[name] = msgspec.convert(path[name], kind, strict=False)
        except (msgspec.ValidationError, ValueError) as error:
            shown = one_line(str(path[name]))[:_SHOWN_CHARS]
            raise BadBodyError(404, say("There is no {name} {value}.", name=name, value=shown)) from error
    return found


def to_struct(kind: StructType, fields: dict[str, Any]) -> msgspec.Struct:
    """Values as JSON has them as a Struct. Raises RequestError (`bad_message`)."""
    if not issubclass(kind, Message):
        try:
            return msgspec.convert(fields, kind)
        except (msgspec.ValidationError, RecursionError) as error:
            raise BadBodyError(400, say("The body is malformed: {reason}.", reason=error)) from error
    try:
        frame = msgpack.packb({**fields, "type": type_of(kind), "request": _REQUEST_ID}) or b""
    except (ValueError, OverflowError, RecursionError, UnicodeEncodeError) as error:
        raise BadBodyError(400, "The body has a value that is too large or nests too deep.") from error
    try:
        return CLIENT_FRAMES.decode(frame)
    except RemoteProtocolError as error:
        if error.type is None:
            # It is not about a field: the frame itself breaks a limit.
            raise BadBodyError(
                400,
                say(
                    "A text of the body has more than {bytes} bytes, a list more than {items} entries, or it nests "
                    "too deep.",
                    bytes=MAX_TEXT_BYTES,
                    items=MAX_ITEMS,
                ),
            ) from error
        raise


async def drain_body(request: Request) -> None:
    """Reads what is left of a body that was refused, within bounds."""
    with contextlib.suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(BODY_SECONDS):
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
                if size > _MAX_DRAINED_BYTES:
                    return


def _check_headers(request: Request) -> None:
    check_encoding(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and media_type != "application/json":
        raise BadBodyError(
            415,
            say("A body of type {media_type} is not understood here.", media_type=media_type[:100]),
            "Send JSON with `Content-Type: application/json`.",
        )


def check_encoding(request: Request) -> None:
    """Refuses compressed bodies: what they unpack to has no bound. Raises BadBodyError (415)."""
    if request.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise BadBodyError(
            415, "Compressed bodies are not accepted.", "Send the body without Content-Encoding."
        )


async def read_bytes(
    request: Request, most_bytes: int = MAX_FRAME_BYTES, remedy: str = _UPLOADS_REMEDY
) -> bytes:
    """The body. Raises BadBodyError (413, 408) for one that is too large, with `remedy`, or too slow."""
    stated = request.headers.get("content-length", "0")
    if stated.isascii() and stated.isdigit() and int(stated[:20]) > most_bytes:
        raise too_large_error(most_bytes, remedy)
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                data += chunk
                if len(data) > most_bytes:
                    raise too_large_error(most_bytes, remedy)
    except TimeoutError as error:
        raise BadBodyError(
            408, say("The body did not come within {most:.0f} s.", most=BODY_SECONDS)
        ) from error
    return bytes(data)


def decode_json(data: bytes) -> Any:
    """What JSON says, within bounds. Raises BadBodyError (400, 413)."""
    # Each value follows one of these; counted first, since a tiny array takes many times its size in memory.
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES:
        raise BadBodyError(413, say("The body holds more than {most} values.", most=MAX_VALUES))
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadBodyError(400, say("The body is not valid JSON: {reason}.", reason=error)) from error


def too_large_error(most_bytes: int, remedy: str = "") -> BadBodyError:
    """A body was refused for its size."""
    return BadBodyError(413, say("The body is larger than {most} bytes.", most=most_bytes), remedy)


def _unknown_name_error(what: str, name: str, names: list[str]) -> BandmateError:
    near = nearest_name_text(name.rpartition(".")[2], names)
    listed = ", ".join(names[:40])
    remedy = say("{near}Known: {listed}.", near=near, listed=listed) if names else "Leave it out."
    return RequestError(
        ErrorCode.BAD_PARAMS, say("There is no {what} `{name}` here.", what=what, name=name[:100]), remedy
    )


def _unknown_fields(raw: Any, value: Any, path: str) -> Iterator[tuple[str, str, list[str]]]:
    """What of a body no Struct has taken: the path to it, its name, and the names that are known there."""
    if isinstance(value, msgspec.Struct) and isinstance(raw, dict):
        names = list(value.__struct_encode_fields__)
        for name, inner in raw.items():
            if name not in names:
                yield path, name, names
            else:
                yield from _unknown_fields(inner, getattr(value, name), f"{path}{name}.")
    elif isinstance(value, tuple) and isinstance(raw, list):
        for inner, item in zip(raw, value, strict=False):
            yield from _unknown_fields(inner, item, path)
