"""What older servers do not tell or do not know, and what clients do then."""

from __future__ import annotations

from typing import Any

import msgspec

from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.messages import Catalogue, TaskInfo

SUGGEST_TASK = "suggest"
"""The hidden task whose report has tempo, metre and key, where the server does not know the message `suggest`."""

_BUILT_IN: dict[str, dict[str, Any]] = {
    "generate": {"listens": True, "order": 10},
    "repaint": {"result_title": "repainted", "order": 20},
    "cover": {"can_be_take": True, "mixed": True, "follows_chords": True, "order": 30},
    "accompany": {"follows_chords": True, "order": 40},
    "separate": {"result": "stems", "result_title": "stems", "order": 50},
    "analyse": {"order": 60},
    "extend": {"result": "stems", "result_title": "extended", "whole_items": True},
    "suggest": {"result": "report", "hidden": True},
    "pull": {"result": "report", "hidden": True},
}
"""What the catalogue left out before it told where results go, as clients took it for granted."""


def lacks_message(error: BandmateError) -> bool:
    """Whether a request was refused because the server does not know this kind of message."""
    return error.code is ErrorCode.UNKNOWN_TYPE


def complete_catalogue(catalogue: Catalogue) -> Catalogue:
    """The catalogue with each task's `result` and what belongs to it, also from an older server."""
    if all(task.result is not None for task in catalogue.tasks):
        return catalogue
    return msgspec.structs.replace(catalogue, tasks=tuple(map(_complete_task, catalogue.tasks)))


def _complete_task(task: TaskInfo) -> TaskInfo:
    if task.result is not None:
        return task
    ranged = "ranges" in task.params.get("properties", {})
    usual = "report" if task.ability == "analyse" else "take" if ranged else "tracks"
    fields = {"result": usual, "listens": ranged, "takes_ranges": ranged} | _BUILT_IN.get(task.name, {})
    return msgspec.structs.replace(task, **fields)
