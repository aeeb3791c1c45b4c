"""Errors in OpenAI's form, with the `detail` that clients of ACE-Step's own server read."""

from __future__ import annotations

from typing import Any

from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_server.rest.reading import BadBodyError

_KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key"}


class FieldError(BadBodyError):
    """Raised for a field of a request that cannot be what it is."""

    def __init__(self, param: str, sentence: str, remedy: str = "", *, status: int = 400) -> None:
        super().__init__(status, sentence, remedy, code=ErrorCode.BAD_PARAMS)
        self.param = param


class UnknownModelError(FieldError):
    """Raised for a model that is none of those that are listed."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__("model", sentence, remedy, status=404)


def error_object(error: BandmateError, status: int) -> dict[str, Any]:
    """What OpenAI's clients read under `error`."""
    code = "model_not_found" if isinstance(error, UnknownModelError) else _CODES.get(status, error.code.value)
    return {
        "message": str(error),
        "type": _kind_of(status),
        "param": getattr(error, "param", None),
        "code": code,
    }


def error_body(error: BandmateError, status: int) -> dict[str, Any]:
    """The body of an answer that refuses: `error`, and the sentences once more as `detail`."""
    return {"error": error_object(error, status), "detail": str(error)}


def _kind_of(status: int) -> str:
    return _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
