"""Structs as JSON answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgpack
import msgspec
from starlette.responses import Response

from bandmate_protocol.codec import encode_message
from bandmate_protocol.messages import Accepted, Message


def json_fields(value: msgspec.Struct) -> dict[str, Any]:
    """A Struct as the wire has it, in plain values, without the request's id.

    What the wire's encoder cannot write as Unicode, it replaces; so this goes through it.
    """
    fields: dict[str, Any] = msgpack.unpackb(encode_message(value), strict_map_key=False)  # type: ignore[arg-type]
    if isinstance(value, Message):
        fields.pop("request", None)
    return fields


def json_answer(
    value: msgspec.Struct, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with a Struct in JSON; fields at their defaults are left out, as on the wire."""
    return bytes_answer(json_bytes(value), status, headers)


def json_bytes(value: msgspec.Struct) -> bytes:
    """The body of `json_answer`."""
    return msgspec.json.encode(json_fields(value))


def bytes_answer(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with JSON that is written already."""
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")


def accepted_answer(accepted: Accepted) -> Response:
    """A job was accepted; `Location` has its address."""
    return json_answer(accepted, 201, {"Location": f"/api/v1/jobs/{accepted.job}"})
