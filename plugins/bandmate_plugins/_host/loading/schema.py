"""The JSON Schema of a task's parameters or an engine's options, flat enough for a bridge to draw a form from it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect as types

_SIMPLE = ("string", "number", "integer", "boolean")


def params_schema(params: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema with every `$ref` put in its place.

    Each property has a title, a description if there is one, and `default` where it may be left out. A
    property that can be drawn has one `type` (string, number, integer, boolean), perhaps with `enum`,
    `minimum`, `maximum`, `unit`, and `nullable` where none is a value too. Raises TypeError, with a sentence,
    for types that JSON cannot say, or that contain themselves, and ValueError for a default outside its own
    bounds.
    """
    _check_type(params)
    try:
        (schema,), definitions = msgspec.json.schema_components([params], ref_template="{name}")
    except TypeError as error:
        raise TypeError(f"`{params.__name__}` has a type that no form can show: {error}.") from error
    inlined: dict[str, Any] = _inline_refs(schema, definitions, ())
    fields = {field.encode_name: field for field in msgspec.structs.fields(params)}
    for name, property_ in inlined.setdefault("properties", {}).items():
        field = fields[name]
        inlined["properties"][name] = _form_property(field.name, property_, _annotation_unit(field.type))
    _check_defaults(params)
    # As it arrives at the other end: lists where there are tuples.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(inlined))
    return plain


def can_be_drawn(property_: dict[str, Any]) -> bool:
    """Whether a form can show a property as one field."""
    return property_.get("type") in _SIMPLE


def _check_type(params: object) -> None:
    if not (isinstance(params, type) and issubclass(params, msgspec.Struct)):
        raise TypeError(f"It must be a subclass of msgspec.Struct, not {params!r}.")
    if params.__struct_config__.array_like:
        raise TypeError(f"`{params.__name__}` is array_like, so its parameters have no names.")


def _inline_refs(node: Any, definitions: dict[str, Any], above: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inline_refs(inner, definitions, above) for inner in node]
    if not isinstance(node, dict):
        return node
    name = node.get("$ref")
    if not isinstance(name, str):
        return {key: _inline_refs(inner, definitions, above) for key, inner in node.items()}
    if name in above:
        raise TypeError(f"`{name}` contains itself, which no form can show.")
    rest = {key: value for key, value in node.items() if key != "$ref"}
    return {**_inline_refs(definitions[name], definitions, (*above, name)), **rest}


def _form_property(name: str, property_: dict[str, Any], unit: str | None) -> dict[str, Any]:
    """A property with one type, a title and its unit."""
    choices = property_.get("anyOf", [])
    real = [choice for choice in choices if choice.get("type") != "null"]
    if len(real) == 1 and len(real) < len(choices):
        rest = {key: value for key, value in property_.items() if key != "anyOf"}
        property_ = {**real[0], **rest, "nullable": True}
    values = property_.get("enum")
    if values and "type" not in property_:
        if None in values:
            property_ = {
                **property_,
                "nullable": True,
                "enum": [value for value in values if value is not None],
            }
        if all(isinstance(value, str) for value in property_["enum"]):
            property_ = {"type": "string", **property_}
        elif all(isinstance(value, int) for value in property_["enum"]):
            property_ = {"type": "integer", **property_}
    property_.setdefault("title", name.replace("_", " ").capitalize())
    if unit:
        property_["unit"] = unit
    return property_


def _annotation_unit(annotation: Any) -> str | None:
    """The unit in `Meta(extra={"unit": ...})`, which msgspec leaves out of the schema."""
    return _unit_of(types.type_info(annotation))


def _unit_of(info: types.Type) -> str | None:
    if isinstance(info, types.Metadata):
        unit = (info.extra or {}).get("unit")
        return str(unit) if unit else _unit_of(info.type)
    if isinstance(info, types.UnionType):
        return next(filter(None, map(_unit_of, info.types)), None)
    return None


def _check_defaults(params: type[msgspec.Struct]) -> None:
    """A default that its own bounds forbid could never be sent back."""
    for field in msgspec.structs.fields(params):
        if field.required:
            continue
        default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        try:
            msgspec.convert(msgspec.to_builtins(default), field.type)
        except msgspec.ValidationError as error:
            raise ValueError(f"The default of `{field.name}` is outside its own bounds: {error}.") from error
