"""The server's catalogue as forms for the panel."""

from __future__ import annotations

from typing import Any, cast

from bandmate_bridge.reaper.mailbox_messages import EngineForm, FormField, TaskForm
from bandmate_bridge.reaper.mailbox_messages.task_forms import FieldKind, FieldValue
from bandmate_protocol.forms import PropertySchemas, option_schemas, task_schemas
from bandmate_protocol.messages import Catalogue, EngineInfo, TaskInfo

_KINDS = ("string", "integer", "number", "boolean")


def task_forms(catalogue: Catalogue) -> tuple[TaskForm, ...]:
    """Each task with its fields, and the engines that can do it, each with the fields of its options."""
    ready = {engine.name: engine for engine in catalogue.engines if engine.status == "ready"}
    tasks = sorted(catalogue.tasks, key=lambda task: (task.order, task.title))
    return tuple(_task_form(task, ready) for task in tasks if not task.hidden)


def _task_form(task: TaskInfo, ready: dict[str, EngineInfo]) -> TaskForm:
    return TaskForm(
        task=task.name,
        title=task.title,
        summary=task.summary,
        source=task.source,
        result=task.result,
        can_be_take=task.can_be_take,
        mixed=task.mixed,
        # Audio that plays at the same time, or notes that are written there.
        listens=task.listens or task.follows_chords,
        fields=form_fields(task_schemas(task)),
        engines=tuple(
            EngineForm(
                name=name, title=ready[name].title, fields=form_fields(option_schemas(ready[name], task))
            )
            for name in task.engines
            if name in ready and ready[name].is_ready_for(task.ability)
        ),
    )


def form_fields(schemas: PropertySchemas) -> tuple[FormField, ...]:
    """The parameters or options that a form can ask for.

    Left out: what is no text, number, switch or choice, and what is `readOnly`, which the job fills in.
    """
    fields = (_form_field(name, schema) for name, schema in schemas.items())
    return tuple(field for field in fields if field is not None)


def _form_field(name: str, schema: dict[str, Any]) -> FormField | None:
    kind = "choice" if "enum" in schema else schema.get("type")
    if kind not in (*_KINDS, "choice") or schema.get("readOnly"):
        return None
    return FormField(
        name=name,
        title=schema.get("title", name.replace("_", " ").capitalize()),
        about=schema.get("description", ""),
        kind=cast("FieldKind", kind),
        default=_plain_value(schema.get("default")),
        choices=tuple(str(choice) for choice in schema.get("enum", [])),
        lowest=schema.get("minimum", schema.get("exclusiveMinimum")),
        highest=schema.get("maximum", schema.get("exclusiveMaximum")),
        unit=schema.get("unit", ""),
        advanced=bool(schema.get("advanced")),
    )


def _plain_value(default: Any) -> FieldValue | None:
    """A default that a form can show: a plugin's schema may have anything there."""
    return default if isinstance(default, str | int | float | bool) else None
