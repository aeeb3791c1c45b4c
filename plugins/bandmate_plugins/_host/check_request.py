"""The one check of what a job brings, before it runs: its range, and the audio that its task needs."""

from __future__ import annotations

from collections.abc import Iterable

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import InputNeed, Timeline
from bandmate_protocol.tempo import check_timeline
from bandmate_protocol.texts import say


def check_request(task: str, source: InputNeed, timeline: Timeline, roles: Iterable[str]) -> None:
    """Checks the timeline and the roles of the inputs of a job.

    `source` is the task's. The server calls this when a job is submitted, and the testing kit for each
    request; tasks and engines rely on it. Raises RequestError: `bad_timeline`, `input_missing`.
    """
    check_timeline(timeline)
    if source == "required" and "source" not in roles:
        raise RequestError(
            ErrorCode.INPUT_MISSING,
            say("`{task}` needs audio, but none was sent.", task=task),
            "Select some audio, or send an input with the role `source`.",
        )
