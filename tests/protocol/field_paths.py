"""Which fields a message has, and which it may have."""

from __future__ import annotations

from typing import Any

from msgspec import inspect


def value_paths(value: Any, prefix: str = "") -> set[str]:
    """The paths of all keys of a message as plain values."""
    found: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= {f"{prefix}.{key}"} | value_paths(inner, f"{prefix}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            found |= value_paths(inner, prefix)
    return found


def expected_paths(info: inspect.Type, prefix: str = "") -> set[str]:
    """The paths of all fields of a Struct, those of its parts too."""
    match info:
        case inspect.StructType() if not info.array_like:
            found = {f"{prefix}.type"} if info.tag else set()
            for field in info.fields:
                found |= {f"{prefix}.{field.name}"} | expected_paths(field.type, f"{prefix}.{field.name}")
            return found
        case inspect.UnionType():
            return {path for kind in info.types for path in expected_paths(kind, prefix)}
        case inspect.VarTupleType():
            return expected_paths(info.item_type, prefix)
        case inspect.Metadata():
            return expected_paths(info.type, prefix)
    return set()
