"""Errors over HTTP as problem details (RFC 9457), with our code, sentence and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.responses import Response

from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.units import ModelNames, Sentence, Word

PROBLEM_MEDIA_TYPE = "application/problem+json"

_INVALID = HTTPStatus.UNPROCESSABLE_ENTITY
_STATUS = {
    ErrorCode.BAD_PARAMS: _INVALID,
    ErrorCode.BAD_TIMELINE: _INVALID,
    ErrorCode.BAD_POSITION: _INVALID,
    ErrorCode.RANGE_TOO_LONG: _INVALID,
    ErrorCode.NO_SUCH_TASK: _INVALID,
    ErrorCode.NO_SUCH_ENGINE: _INVALID,
    ErrorCode.INPUT_UNUSABLE: _INVALID,
    ErrorCode.NO_SUCH_JOB: HTTPStatus.NOT_FOUND,
    ErrorCode.INPUT_MISSING: HTTPStatus.NOT_FOUND,
    ErrorCode.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    ErrorCode.QUOTA_EXCEEDED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.JOB_IN_USE: HTTPStatus.CONFLICT,
    ErrorCode.JOB_CHANGED: HTTPStatus.CONFLICT,
    ErrorCode.NOT_CONFIRMED: HTTPStatus.CONFLICT,
    ErrorCode.NOT_READY: HTTPStatus.CONFLICT,
    ErrorCode.NO_TARGET: HTTPStatus.CONFLICT,
    ErrorCode.INTERRUPTED: HTTPStatus.CONFLICT,
    ErrorCode.DISK_FULL: HTTPStatus.INSUFFICIENT_STORAGE,
    ErrorCode.ENGINE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.ENGINE_FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.OUT_OF_MEMORY: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.WORKER_DIED: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.WORKER_STUCK: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.FILE_UNUSABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was refused: the fields of RFC 9457, and those that every error of Bandmate has."""

    type: str
    """`urn:bandmate:error:` with the code."""
    title: str
    """The status in words."""
    status: int
    """The HTTP status."""
    detail: Sentence
    """The sentence and the remedy."""
    code: Word
    """For programs: one of the codes of the protocol."""
    sentence: Sentence
    """What happened."""
    remedy: Sentence = ""
    """What would have worked; may be empty."""
    models: ModelNames = ()
    """Models that would help, by the names that the task `pull` takes."""


def status_of(error: BandmateError) -> int:
    """The HTTP status that fits an error."""
    return _STATUS.get(error.code, HTTPStatus.BAD_REQUEST)


def problem_response(
    error: BandmateError, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that says what went wrong."""
    status = status_of(error) if status is None else status
    problem = Problem(
        type=f"urn:bandmate:error:{error.code.value}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=str(error),
        code=error.code.value,
        sentence=error.sentence,
        remedy=error.remedy,
        models=error.models,
    )
    return Response(msgspec.json.encode(problem), status, headers, PROBLEM_MEDIA_TYPE)
