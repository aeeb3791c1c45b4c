"""Forms of the catalogue: which names a request may use, and whether each is the task's or its engine's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import EngineInfo, TaskInfo
from bandmate_protocol.texts import say
from bandmate_protocol.unknown_names import nearest_name_text

PropertySchemas = dict[str, dict[str, Any]]
"""JSON Schema of single values, by their names."""


@dataclass(frozen=True)
class RoutedValues:
    """The values of a request, where they belong."""

    params: dict[str, Any] = field(default_factory=dict)
    """The task's."""
    options: dict[str, Any] = field(default_factory=dict)
    """The chosen engine's, and the unused ones."""
    unused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Options of other engines than the chosen one: their names, and the engines that have them."""

    @property
    def used_options(self) -> dict[str, Any]:
        """The chosen engine's."""
        return {name: value for name, value in self.options.items() if name not in self.unused}


def task_schemas(task: TaskInfo) -> PropertySchemas:
    """The task's parameters."""
    return dict(task.params.get("properties", {}))


def option_schemas(engine: EngineInfo, task: TaskInfo) -> PropertySchemas:
    """The options of an engine that apply to a task.

    A schema without `abilities` applies to all of them; a task with `named_options` takes those that name it.
    """
    if task.ability not in engine.abilities:
        return {}
    schemas: PropertySchemas = engine.options.get("properties", {})
    return {name: schema for name, schema in schemas.items() if _applies(schema, task)}


def _applies(schema: Mapping[str, Any], task: TaskInfo) -> bool:
    if task.named_options:
        return task.name in schema.get("tasks", ())
    return task.ability in schema.get("abilities", (task.ability,))


def route_values(
    task: TaskInfo,
    engine: EngineInfo | None,
    engines: Iterable[EngineInfo],
    params: Mapping[str, Any],
    options: Mapping[str, Any],
) -> RoutedValues:
    """Sorts the values of a request by their names.

    A value in `params` is the task's if the task has that name, else an option; one in `options` is an
    option if any engine has that name, else the task's. So requests of older clients, which know no options,
    are served. `engine` is the chosen one, and `engines` are all. An option of another engine is kept as
    unused, unless it has that engine's default. Raises RequestError (`bad_params`) for an unknown name.
    """
    own = option_schemas(engine, task) if engine else {}
    others = _other_options(task, engine, engines)
    known = task_schemas(task)
    routed = RoutedValues()
    for name, value in {**params, **options}.items():
        is_option = name in own or name in others
        if name in params and name in known:
            routed.params[name] = params[name]
            if name in options and is_option:
                _add_option(routed, name, options[name], own, others)
        elif is_option:
            _add_option(routed, name, value, own, others)
        elif name in known:
            routed.params[name] = value
        else:
            raise unknown_name_error(task.name, name, known, {engine.name: own} if engine else {})
    return routed


def unknown_name_error(
    task: str, name: str, params: Iterable[str], options: Mapping[str, Iterable[str]]
) -> RequestError:
    """What to raise for a name that is neither a parameter of the task nor an option.

    `params` are the task's names, and `options` those of each engine that was looked at.
    """
    params, options = list(params), {engine: list(names) for engine, names in options.items() if names}
    hint = nearest_name_text(name, [*params, *chain.from_iterable(options.values())])
    groups = [f"Parameters: {', '.join(params)}." if params else "It has no parameters."]
    groups += [f"Options of {engine}: {', '.join(names)}." for engine, names in options.items()]
    what = "parameter or option" if options else "parameter"
    return RequestError(
        ErrorCode.BAD_PARAMS,
        say("`{task}` has no {what} `{name}`.", task=task, what=what, name=name),
        say("{hint}{groups}", hint=hint, groups=" ".join(groups)),
    )


def unused_option_remarks(routed: RoutedValues, engine: str) -> list[str]:
    """A sentence for each option that changes nothing, because another engine runs the job."""
    return [
        say(
            "`{name}` has no effect with {engine}; it is an option of {owners}.",
            name=name,
            engine=engine,
            owners=" and ".join(owners),
        )
        for name, owners in routed.unused.items()
    ]


def _other_options(
    task: TaskInfo, engine: EngineInfo | None, engines: Iterable[EngineInfo]
) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Options of the engines that were not chosen: for each name, the engines and their schemas."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for other in engines:
        if engine is None or other.name != engine.name:
            for name, schema in option_schemas(other, task).items():
                found.setdefault(name, []).append((other.name, schema))
    return found


def _add_option(
    routed: RoutedValues,
    name: str,
    value: Any,
    own: PropertySchemas,
    others: Mapping[str, Sequence[tuple[str, dict[str, Any]]]],
) -> None:
    if name in own:
        routed.options[name] = value
    elif not any("default" in schema and schema["default"] == value for _, schema in others[name]):
        routed.options[name] = value
        routed.unused[name] = tuple(owner for owner, _ in others[name])
