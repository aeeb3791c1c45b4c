"""ACE-Step's two forms of an answer: an envelope, and `detail` for an HTTP error."""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import Response

from bandmate_protocol.errors import BandmateError
from bandmate_server.compat.answers import plain_answer, refusal_error


def envelope(data: Any, code: int = 200, error: str | None = None) -> dict[str, Any]:
    """What every answer of this API is wrapped in; `code` may be an error under HTTP status 200."""
    return {
        "data": data,
        "code": code,
        "error": error,
        "timestamp": time.time_ns() // 1_000_000,
        "extra": None,
    }


def answer(data: Any, code: int = 200, error: str | None = None) -> Response:
    """An answer of HTTP status 200."""
    return plain_answer(envelope(data, code, error))


def error_answer(error: BandmateError, status: int) -> Response:
    """An HTTP error: upstream's `detail`, `error` for clients that look there, and our code and remedy."""
    fields = {"detail": str(error), "error": error.sentence, "code": status}
    return plain_answer({**fields, "bandmate_code": error.code.value, "remedy": error.remedy}, status)


def refusal_answer(status: int, sentence: str) -> Response:
    """A refusal before any route: of the token, the Host, the Origin, the address."""
    return error_answer(refusal_error(status, sentence), status)
