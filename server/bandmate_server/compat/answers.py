"""Answers of compatible APIs that are no Structs of Bandmate's wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from bandmate_protocol.errors import BandmateError, ErrorCode

NO_STORE = {"Cache-Control": "no-store"}


def plain_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Plain values as JSON."""
    return Response(msgspec.json.encode(value), status, {**NO_STORE, **(headers or {})}, "application/json")


def refusal_error(status: int, sentence: str) -> BandmateError:
    """A refusal before any route: of the token, the Host, the Origin, the address."""
    return BandmateError(ErrorCode.BAD_MESSAGE if status in (404, 405) else ErrorCode.NOT_ALLOWED, sentence)
