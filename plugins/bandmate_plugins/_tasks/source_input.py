"""The input `source` of a request, for engines and tasks that work on audio."""

from __future__ import annotations

from typing import Any

from bandmate_plugins.request import AudioInput, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


def given_source(request: TaskRequest[Any], task: str = "") -> AudioInput:
    """The input `source`, which may be empty. Raises RequestError (`input_missing`) without one."""
    source = request.input("source")
    if source is None:
        raise RequestError(
            ErrorCode.INPUT_MISSING,
            say("`{task}` needs audio.", task=task) if task else say("This task needs audio."),
            "Give it an input with the role `source`.",
        )
    return source


def require_source(request: TaskRequest[Any], task: str = "") -> AudioInput:
    """The input `source`. Raises RequestError: `input_missing`, `input_unusable` (it has no audio)."""
    source = given_source(request, task)
    if not source.frames:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            "The recording contains no audio.",
            "Choose one with at least one sample.",
        )
    return source
