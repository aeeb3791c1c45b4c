"""Checks a task's parameters, and says in a musician's words what is wrong with one."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_args

import msgspec

from bandmate_plugins._host.loading.schema import params_schema
from bandmate_plugins.task import Task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.units import Colour, Label, Sha256, Word


def check_params(task: Task, values: Mapping[str, Any]) -> msgspec.Struct:
    """The task's `Params` from plain values; what is left out takes its default.

    Raises RequestError (`bad_params`) for a parameter that the task does not have, one that is missing, a
    value of the wrong type or out of its bounds, or one that is not finite. The sentence has the parameter's
    title and what it may be.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(task.Params)}
    for name in values:
        if name not in fields:
            raise _unknown_param(task, name, list(fields))
    for name, field in fields.items():
        if name in values:
            _check_value(task, name, values[name], field.type)
        elif field.required:
            raise _bad_params(
                f"`{task.name}` needs {_param_label(task, name)}.", f"It is {_expected_text(task, name)}."
            )
    try:
        return msgspec.convert(dict(values), task.Params)
    except msgspec.ValidationError as error:  # from a check of its own, over several parameters
        raise _bad_params(
            f"The parameters of `{task.name}` do not go together: {_first_line(error)}"
        ) from error


def _check_value(task: Task, name: str, value: Any, kind: Any) -> None:
    try:
        if not _is_finite(value):
            raise msgspec.ValidationError("Expected a finite number")
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        expected = _expected_text(task, name)
        detail = f"be {expected}" if expected else f"fit its type ({_first_line(error).rstrip('.')})"
        raise _bad_params(f"{_param_label(task, name)} must {detail}, not {_short_text(value)}.") from error


def _unknown_param(task: Task, name: str, names: list[str]) -> RequestError:
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    there = f"Parameters: {', '.join(names)}." if names else "It has none."
    return _bad_params(f"`{task.name}` has no parameter `{name}`.", hint + there)


def _param_label(task: Task, name: str) -> str:
    """The title that people know a parameter by, and its name where that differs."""
    title = str(_param_schema(task, name).get("title", name))
    return title if title.lower().replace(" ", "_") == name else f"{title} (`{name}`)"


def _expected_text(task: Task, name: str) -> str:
    return schema_text(_param_schema(task, name))


_FORMS: dict[str, str] = {
    get_args(kind)[1].pattern: form
    for kind, form in (
        (Label, " on one line"),
        (Word, " of lower-case letters, digits and _"),
        (Colour, " such as #d9534f"),
        (Sha256, " of 64 hexadecimal digits"),
    )
}
"""The protocol's own kinds of text in words, by their patterns."""


def schema_text(schema: Mapping[str, Any]) -> str:
    """What a parameter of a form may be, in words; nothing where only its type can say."""
    nothing = ", or nothing" if schema.get("nullable") else ""
    kind = schema.get("type")
    if "enum" in schema:
        choices = ", ".join(str(choice) for choice in schema["enum"])
        return f"one of {choices}{nothing}"
    if kind == "boolean":
        return f"true or false{nothing}"
    if kind in ("integer", "number"):
        noun = "a whole number" if kind == "integer" else "a number"
        return f"{noun}{_bounds_text(schema)}{nothing}"
    if kind == "string":
        return f"{_string_text(schema)}{nothing}"
    return ""


def _bounds_text(schema: Mapping[str, Any]) -> str:
    unit = f" {schema['unit']}" if "unit" in schema else ""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}{unit}"
    parts = [
        (low, "of at least"),
        (high, "of at most"),
        (schema.get("exclusiveMinimum"), "above"),
        (schema.get("exclusiveMaximum"), "below"),
    ]
    said = " and ".join(f"{word} {value:g}" for value, word in parts if value is not None)
    step = f" in steps of {schema['multipleOf']:g}" if "multipleOf" in schema else ""
    return f" {said}{unit}{step}" if said else f"{unit and ' in' + unit}{step}"


def _string_text(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minLength"), schema.get("maxLength")
    length = ""
    if low is not None and high is not None:
        length = f" of {low} to {high} characters"
    elif high is not None:
        length = f" of at most {high} characters"
    elif low is not None:
        length = f" of at least {low} characters"
    pattern = schema.get("pattern")
    form = _FORMS.get(pattern, f" that matches {pattern}") if pattern else ""
    return f"text{length}{form}"


def _param_schema(task: Task, name: str) -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = _cached_schema(task.Params)["properties"]
    return properties[name]


@lru_cache(maxsize=64)
def _cached_schema(params: type[msgspec.Struct]) -> dict[str, Any]:
    return params_schema(params)


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return all(map(_is_finite, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_finite, value))
    return True


def _short_text(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _first_line(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text if text.endswith(".") else f"{text}."


def _bad_params(sentence: str, remedy: str = "") -> RequestError:
    return RequestError(ErrorCode.BAD_PARAMS, sentence, remedy)
