"""Checks a task's parameters and an engine's options, and says in a musician's words what is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_args

import msgspec

from bandmate_plugins._host.loading.schema import params_schema
from bandmate_plugins.task import Task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.forms import unknown_name_error
from bandmate_protocol.texts import say
from bandmate_protocol.units import Colour, Label, Sha256, Word


def check_params(task: Task[Any], values: Mapping[str, Any]) -> msgspec.Struct:
    """The task's `Params` from plain values; what is left out takes its default.

    Raises RequestError (`bad_params`) for a parameter that the task does not have, one that is missing, a
    value of the wrong type or out of its bounds, or one that is not finite. The sentence has the parameter's
    title and what it may be.
    """
    names = [field.encode_name for field in msgspec.structs.fields(task.Params)]
    for name in values:
        if name not in names:
            raise unknown_name_error(task.name, name, names, {})
    return _check_struct(task.Params, values, f"`{task.name}`", "parameters")


def check_options(engine: str, kind: type[msgspec.Struct], values: Mapping[str, Any]) -> msgspec.Struct:
    """An engine's `Options` from plain values, as `check_params` makes a task's parameters.

    Raises RequestError (`bad_params`) for a value of the wrong type or out of its bounds, an unknown name, or
    one that is not finite.
    """
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    for name in values:
        if name not in names:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("The engine {engine} has no option `{name}`.", engine=engine, name=name),
                say("Options: {names}.", names=", ".join(names)) if names else "It has no parameters.",
            )
    return _check_struct(kind, values, f"The engine {engine}", "options")


def _check_struct(
    kind: type[msgspec.Struct], values: Mapping[str, Any], owner: str, what: str
) -> msgspec.Struct:
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if name in values:
            _check_value(kind, name, values[name], field.type)
        elif field.required:
            raise _bad_params(
                f"{owner} needs {_value_label(kind, name)}.", f"It is {_expected_text(kind, name)}."
            )
    try:
        return msgspec.convert(dict(values), kind)
    except msgspec.ValidationError as error:  # from a check of its own, over several values
        raise _bad_params(f"The {what} of {owner} do not fit together: {_first_line(error)}") from error


def _check_value(kind: type[msgspec.Struct], name: str, value: Any, value_type: Any) -> None:
    try:
        if not _is_finite(value):
            raise msgspec.ValidationError("Expected a finite number")
        msgspec.convert(value, value_type)
    except msgspec.ValidationError as error:
        expected = _expected_text(kind, name)
        detail = f"be {expected}" if expected else f"fit its type ({_first_line(error).rstrip('.')})"
        raise _bad_params(f"{_value_label(kind, name)} must {detail}, not {_short_text(value)}.") from error


def _value_label(kind: type[msgspec.Struct], name: str) -> str:
    """The title that people know a value by, and its name where that differs."""
    title = str(_value_schema(kind, name).get("title", name))
    return title if title.lower().replace(" ", "_") == name else f"{title} (`{name}`)"


def _expected_text(kind: type[msgspec.Struct], name: str) -> str:
    return schema_text(_value_schema(kind, name))


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


def _value_schema(kind: type[msgspec.Struct], name: str) -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = _cached_schema(kind)["properties"]
    return properties[name]


@lru_cache(maxsize=64)
def _cached_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return params_schema(kind)


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
