"""The messages as JSON Schema, draft 2020-12, for tools that check or generate from it."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from msgspec import inspect

from bandmate_protocol.messages import ClientMessage, Message, ServerMessage
from bandmate_protocol.reference._fields import field_texts, plain_pattern
from bandmate_protocol.reference._sources import one_paragraph
from bandmate_protocol.version import PROTOCOL_MAX

_CLIENT = get_args(ClientMessage)
_SERVER = get_args(ServerMessage)


def protocol_schema() -> dict[str, Any]:
    """One schema with every message under ``$defs``, and `client_message` and `server_message` that choose.

    ``unit`` and ``contentEncoding: msgpack bin`` are annotations of the protocol's own.
    """
    classes: tuple[type[Message], ...] = tuple(dict.fromkeys((*_CLIENT, *_SERVER)))
    _, components = msgspec.json.schema_components(classes, ref_template="#/$defs/{name}")
    parts = {
        info.cls.__name__: info.cls for kind in classes for info in _nested_structs(inspect.type_info(kind))
    }
    for name, component in components.items():
        _annotate_component(component, parts[name])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Bandmate protocol, version {PROTOCOL_MAX}",
        "anyOf": [{"$ref": "#/$defs/client_message"}, {"$ref": "#/$defs/server_message"}],
        "$defs": {
            "client_message": {"anyOf": [_schema_reference(kind) for kind in _CLIENT]},
            "server_message": {"anyOf": [_schema_reference(kind) for kind in _SERVER]},
            **{name: _plain_schema(component) for name, component in sorted(components.items())},
        },
    }


def _schema_reference(kind: type[Message]) -> dict[str, str]:
    return {"$ref": f"#/$defs/{kind.__name__}"}


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
