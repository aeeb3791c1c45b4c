"""The server's catalogue as forms for the panel."""

from __future__ import annotations

from typing import Any

from bandmate_protocol.forms import PropertySchemas, option_schemas, task_schemas
from bandmate_protocol.messages import Catalogue

_KINDS = ("string", "integer", "number", "boolean")

PanelForm = dict[str, Any]


def task_forms(catalogue: Catalogue) -> list[PanelForm]:
    """Each task with its fields, and the engines that can do it, each with the fields of its options."""
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
            "fields": form_fields(task_schemas(task)),
            "engines": [
                {
                    "name": name,
                    "title": engines[name].title,
                    "fields": form_fields(option_schemas(engines[name], task)),
                }
                for name in task.engines
                if name in engines and engines[name].status == "ready"
            ],
        }
        for task in sorted(catalogue.tasks, key=lambda task: (task.order, task.title))
        if not task.hidden
    ]


def form_fields(schemas: PropertySchemas) -> list[PanelForm]:
    """The parameters or options that a form can ask for.

    Left out: what is no text, number, switch or choice, and what is `readOnly`, which the job fills in.
    """
    found = []
    for name, field in schemas.items():
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
                "advanced": bool(field.get("advanced")),
            }
        )
    return found
