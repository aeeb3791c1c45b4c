"""What a task says of its result and of what it wants to hear, with defaults for what it leaves open."""

from __future__ import annotations

from typing import Any, get_args

from bandmate_plugins._host.loading.registration import HookError
from bandmate_plugins.task import Task
from bandmate_protocol.messages import ResultKind
from bandmate_protocol.texts import say

_STATED = (
    "can_be_take",
    "result_title",
    "mixed",
    "follows_chords",
    "whole_items",
    "named_options",
    "hidden",
    "order",
)


def placement_fields(task: Task[Any], params: dict[str, Any]) -> dict[str, Any]:
    """The fields of `TaskInfo` that tell clients what to give a task and where to put its result.

    ``params`` is the JSON Schema of its parameters. Raises HookError for statements that contradict each other.
    """
    names = params.get("properties", {})
    takes_ranges = "ranges" in names if task.takes_ranges is None else task.takes_ranges
    result = task.result or _usual_result(task, takes_ranges=takes_ranges)
    _check_result(task, result)
    if takes_ranges and "ranges" not in names:
        raise _contradiction(task, "`takes_ranges` is true, but it has no parameter `ranges`")
    if task.mixed and "mix" not in names:
        raise _contradiction(task, "`mixed` is true, but it has no parameter `mix`")
    stated = {name: getattr(task, name) for name in _STATED}
    listens = takes_ranges if task.listens is None else task.listens
    return {**stated, "result": result, "listens": listens, "takes_ranges": takes_ranges}


def _usual_result(task: Task[Any], *, takes_ranges: bool) -> ResultKind:
    if task.ability == "analyse":
        return "report"
    return "take" if takes_ranges and task.source == "required" else "tracks"


def _check_result(task: Task[Any], result: ResultKind) -> None:
    if result not in get_args(ResultKind):
        there = ", ".join(f"`{kind}`" for kind in get_args(ResultKind))
        raise _contradiction(task, f"`result` is `{result}`, and there are {there}")
    on_source = task.can_be_take or result in ("take", "stems")
    if on_source and task.source != "required":
        named = "can_be_take" if task.can_be_take else "result"
        raise _contradiction(task, f"`{named}` needs a source item, so `source` must be `required`")


def _contradiction(task: Task[Any], what: str) -> HookError:
    return HookError(say("The task `{task}` contradicts itself: {what}.", task=task.name, what=what))
