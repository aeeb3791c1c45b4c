"""Schemas of tools without what says nothing: an assistant reads all of them before the first call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MAPS_OF_SCHEMAS = frozenset({"properties", "$defs"})
"""Keys whose own keys are names, not keywords of JSON Schema."""


def short_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema in fewer words.

    Titles repeat the names of fields. An argument that may be left out is left out rather than null, so null is
    neither offered nor named as the default; it is still understood.
    """
    short = {
        name: _short_value(name, value)
        for name, value in schema.items()
        if name != "title" and not (name == "default" and value is None)
    }
    kinds = short.get("anyOf")
    if isinstance(kinds, list) and {"type": "null"} in kinds:
        kept = [kind for kind in kinds if kind != {"type": "null"}]
        if len(kept) == 1:
            del short["anyOf"]
            return {**kept[0], **short}
        short["anyOf"] = kept
    if short.get("additionalProperties") is True:
        del short["additionalProperties"]
    return short


def _short_value(name: str, value: Any) -> Any:
    if name in _MAPS_OF_SCHEMAS and isinstance(value, Mapping):
        return {key: short_schema(inner) for key, inner in value.items()}
    if isinstance(value, Mapping) and name != "default":
        return short_schema(value)
    if isinstance(value, list) and name not in ("enum", "required", "examples"):
        return [short_schema(each) if isinstance(each, Mapping) else each for each in value]
    return value
