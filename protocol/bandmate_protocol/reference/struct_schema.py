"""Structs as JSON Schema, draft 2020-12, with their documentation and units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import inspect

from bandmate_protocol.reference.fields import field_texts, plain_pattern
from bandmate_protocol.reference.sources import one_paragraph

DEFINITIONS: Final = "#/$defs/"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_definitions(classes: Iterable[type[msgspec.Struct]], place: str = DEFINITIONS) -> dict[str, Any]:
    """The schemas of these Structs and all that they hold, by the names of the classes.

    ``place`` is where the document has them.
    """
    kinds = tuple(classes)
    _, components = msgspec.json.schema_components(kinds, ref_template=place + "{name}")
    parts = {
        info.cls.__name__: info.cls for kind in kinds for info in _nested_structs(inspect.type_info(kind))
    }
    for name, component in components.items():
        _annotate_component(component, parts[name])
    return {name: _plain_schema(component) for name, component in sorted(components.items())}


def type_schema(kind: Any) -> dict[str, Any]:
    """The schema of a type that holds no Struct, such as a number with bounds."""
    plain: dict[str, Any] = _plain_schema(msgspec.json.schema(kind))
    return plain


def schema_reference(kind: type[msgspec.Struct]) -> dict[str, str]:
    """A schema that refers to a definition."""
    return {"$ref": DEFINITIONS + kind.__name__}


def _nested_structs(info: Any) -> list[inspect.StructType]:
    """Every Struct in a type, itself first."""
    if isinstance(info, inspect.StructType):
        return [info, *(inner for field in info.fields for inner in _nested_structs(field.type))]
    inside = [getattr(info, name) for name in ("type", "item_type") if hasattr(info, name)]
    return [found for inner in [*inside, *getattr(info, "types", ())] for found in _nested_structs(inner)]


def _annotate_component(component: dict[str, Any], struct: Any) -> None:
    component["description"] = one_paragraph(component.get("description", ""))
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    if info.array_like:
        return
    for field, raw in zip(field_texts(struct), info.fields, strict=True):
        property_ = component["properties"][field.name]
        if field.meaning:
            property_["description"] = field.meaning
        if field.described.unit:
            property_["unit"] = field.described.unit
        if "contentEncoding" in property_:
            kind = raw.type.type if isinstance(raw.type, inspect.Metadata) else raw.type
            property_["contentEncoding"] = "msgpack bin"
            property_["maxLength"] = getattr(kind, "max_length", None)


def _plain_schema(value: Any) -> Any:
    """The same without what is meant for msgspec alone."""
    if isinstance(value, list | tuple):
        return [_plain_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _plain_schema(item) for key, item in value.items()}
    if isinstance(plain.get("pattern"), str):
        plain["pattern"] = plain_pattern(plain["pattern"])
    return plain
