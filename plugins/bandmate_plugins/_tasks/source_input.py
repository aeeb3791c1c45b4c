"""The input `source` of a request, for engines and tasks that cannot work on an empty one."""

from __future__ import annotations

from typing import Any

from bandmate_plugins.request import AudioInput, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError


def nonempty_source(request: TaskRequest[Any]) -> AudioInput:
    """The request's source. Raises RequestError (`input_unusable`) when it has no audio."""
    source = request.source
    if not source.frames:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            "The recording contains no audio.",
            "Choose one with at least one sample.",
        )
    return source
