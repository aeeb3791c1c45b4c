"""The server's catalogue as forms for the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bandmate_protocol.messages import Catalogue, TaskInfo

_KINDS = ("string", "integer", "number", "boolean")

PanelForm = dict[str, Any]


def task_forms(catalogue: Catalogue) -> list[PanelForm]:
    """Each task with its fields and the engines that can do it."""
    engines = {engine.name: engine for engine in catalogue.engines}
    return [
        {
            "task": task.name,
            "title": task.title,
            "summary": task.summary,
            "source": task.source,
            "result": task.result,
            "can_be_take": task.can_be_take,
            "mixed": task.mixed,
            # Audio that plays at the same time, or notes that are written there.
            "listens": task.listens or task.follows_chords,
            "fields": form_fields(task),
            "engines": [
                {"name": name, "title": engines[name].title}
                for name in task.engines
                if name in engines and engines[name].status == "ready"
            ],
        }
        for task in sorted(catalogue.tasks, key=lambda task: (task.order, task.title))
        if not task.hidden
    ]


def form_fields(task: TaskInfo) -> list[PanelForm]:
    """The parameters that a form can ask for.

    Left out: what is no text, number, switch or choice, and what is `readOnly`, which the job fills in.
    """
    schema = task.params
    defs = schema.get("$defs", {})
    found = []
    for name, given in schema.get("properties", {}).items():
        field = _resolve_field(given, defs)
        kind = "choice" if "enum" in field else field.get("type")
        if kind not in (*_KINDS, "choice") or field.get("readOnly"):
            continue
        found.append(
            {
                "name": name,
                "title": field.get("title", name.replace("_", " ").capitalize()),
                "about": field.get("description", ""),
                "kind": kind,
                "default": field.get("default"),
                "choices": [str(choice) for choice in field.get("enum", [])],
                "lowest": field.get("minimum", field.get("exclusiveMinimum")),
                "highest": field.get("maximum", field.get("exclusiveMaximum")),
                "unit": field.get("unit", ""),
            }
        )
    return found


def _resolve_field(field: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A field without references; of alternatives the first that is not null."""
    if "$ref" in field:
        rest = {key: value for key, value in field.items() if key != "$ref"}
        return {**_resolve_field(defs.get(str(field["$ref"]).rsplit("/", 1)[-1], {}), defs), **rest}
    if "anyOf" in field:
        rest = {key: value for key, value in field.items() if key != "anyOf"}
        chosen: Mapping[str, Any] = next((one for one in field["anyOf"] if one.get("type") != "null"), {})
        return {**_resolve_field(chosen, defs), **rest}
    return field
