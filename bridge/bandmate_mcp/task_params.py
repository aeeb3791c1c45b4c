"""The parameters of tasks, from the server's catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bandmate_bridge.runs.any_task import find_server_task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.forms import option_schemas, task_schemas
from bandmate_protocol.messages import Catalogue, EngineInfo, TaskInfo
from bandmate_protocol.texts import say


def task_list(catalogue: Catalogue) -> dict[str, Any]:
    """Tasks and engines in short."""
    return {
        "tasks": [
            {"task": task.name, "does": task.summary, "engines": list(task.engines)}
            for task in catalogue.tasks
            if not task.hidden
        ],
        "engines": [_engine_facts(engine) for engine in catalogue.engines],
    }


def task_form(catalogue: Catalogue, name: str) -> dict[str, Any]:
    """JSON Schema of a task's parameters, and of the options of each engine. Raises RequestError (`no_such_task`)."""
    task = find_server_task(catalogue, name)
    options = {engine.name: option_schemas(engine, task) for engine in catalogue.engines}
    return {
        "task": task.name,
        "does": task.summary,
        "needs_audio": task.source,
        "params": task_schemas(task),
        "engine_options": {engine: schemas for engine, schemas in options.items() if schemas},
    }


def checked_params(
    catalogue: Catalogue, name: str, params: Mapping[str, Any] | None, taken: Collection[str]
) -> dict[str, Any]:
    """The further parameters of a call. Values are the server's to check.

    ``taken`` are the tool's own arguments. Raises RequestError (`bad_params`) for a name that neither the task nor an
    engine has, and for one that the call gives as an argument too.
    """
    task = find_server_task(catalogue, name)
    known = _known_names(task, catalogue.engines)
    for key in params or {}:
        if key in taken:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("{key} is an argument of this tool and is in `params` too.", key=key),
                "Give it once.",
            )
        if key not in known:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("The task {name} has no parameter {key}.", name=name, key=key),
                say("describe_task lists them: {names}.", names=", ".join(sorted(known))),
            )
    return dict(params or {})


def _known_names(task: TaskInfo, engines: Collection[EngineInfo]) -> set[str]:
    names = set(task_schemas(task))
    for engine in engines:
        names |= set(option_schemas(engine, task))
    return names


def _engine_facts(engine: EngineInfo) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "engine": engine.name,
        "status": engine.status,
        "abilities": list(engine.abilities),
    }
    if engine.reason:
        facts["reason"] = engine.reason
    if engine.wanted_models:
        facts["models_to_pull"] = list(engine.wanted_models)
    return facts
