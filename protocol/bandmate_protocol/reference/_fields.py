"""A field in words: its type, bounds, unit, default and meaning."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from msgspec import inspect

from bandmate_protocol.messages import Message, Part
from bandmate_protocol.reference._sources import attribute_docs
from bandmate_protocol.units import MAX_INTEGER


@dataclass(frozen=True)
class Described:
    """A type in words."""

    type: str
    bounds: str = ""
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Field:
    """A field in words; ``default`` is `required` when there is none."""

    name: str
    described: Described
    default: str
    meaning: str


def fields_of(struct: type[Message] | type[Part]) -> list[Field]:
    """The fields of a Struct in the order of their definition."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    docs = attribute_docs(struct)
    return [_field(field, docs.get(field.name, "")) for field in info.fields]


def parts_of(struct: type[Message] | type[Part]) -> list[type[Part]]:
    """The Structs that a Struct's fields hold, directly, in order."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    found: list[type[Part]] = []
    for field in info.fields:
        _collect(field.type, found)
    return found


def _collect(info: inspect.Type, found: list[type[Part]]) -> None:
    match info:
        case inspect.StructType() if issubclass(info.cls, Part):
            found.append(info.cls)
        case inspect.Metadata():
            _collect(info.type, found)
        case inspect.VarTupleType():
            _collect(info.item_type, found)
        case inspect.UnionType():
            for kind in info.types:
                _collect(kind, found)
        case _:
            pass


def _field(field: inspect.Field, doc: str) -> Field:
    described = describe(field.type)
    # Where a unit says what a number is, the words of its type add nothing.
    own = "" if described.unit or isinstance(field.type, inspect.VarTupleType) else described.meaning
    return Field(field.encode_name, described, _default(field), doc or own)


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    if field.default_factory is not msgspec.NODEFAULT:
        return _json(field.default_factory())
    return _json(field.default)


def _json(value: Any) -> str:
    return f"`{json.dumps(msgspec.to_builtins(value))}`"


def describe(info: inspect.Type) -> Described:
    """A type in words. Raises KeyError for a kind of type that the wire does not have."""
    if isinstance(info, inspect.Metadata):
        inner = describe(info.type)
        meaning = str((info.extra_json_schema or {}).get("description", ""))
        unit = str((info.extra or {}).get("unit", ""))
        return replace(inner, unit=unit or inner.unit, meaning=meaning or inner.meaning)
    return _WORDS[type(info)](info)


def _integer(info: inspect.IntType) -> Described:
    return Described("integer", _range(info))


def _number(info: inspect.FloatType) -> Described:
    return Described("number", _range(info))


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    low = _limit(info.ge) if info.ge is not None else f"over {_limit(info.gt)}"
    high = _limit(info.le) if info.le is not None else f"under {_limit(info.lt)}"
    return f"{low} to {high}" if info.gt is None else f"{low}, to {high}"


def _limit(value: float | None) -> str:
    names = {MAX_INTEGER: "2^53", -MAX_INTEGER: "-2^53", 2**32 - 1: "2^32 - 1"}
    if value is None:
        return "any"
    return names.get(int(value), f"{value:,}".replace(",", " ").removesuffix(".0"))


def _text(info: inspect.StrType) -> Described:
    if info.pattern is not None:
        pattern = f"`{plain_pattern(info.pattern)}`"
        return Described("text", f"{_size(info, 'characters')}, {pattern}".removeprefix(", "))
    return Described("text", _size(info, "characters"))


def plain_pattern(pattern: str) -> str:
    """A pattern as others need it, without what only Python's `$` makes necessary."""
    return pattern.removesuffix(r"(?!\n)")


def _size(info: Any, what: str) -> str:
    if info.min_length is not None and info.max_length is not None:
        return f"{info.min_length} to {_limit(info.max_length)} {what}"
    return f"at most {_limit(info.max_length)} {what}" if info.max_length is not None else ""


def _array(info: inspect.VarTupleType) -> Described:
    item = describe(info.item_type)
    bounds = ", ".join(filter(None, [_size(info, "entries"), f"each {item.bounds}" if item.bounds else ""]))
    return Described(f"array of {item.type}", bounds, item.unit, item.meaning)


def _map(info: inspect.DictType) -> Described:
    return Described(f"map of text to {describe(info.value_type).type}", _size(info, "entries"))


def _union(info: inspect.UnionType) -> Described:
    words = [describe(kind) for kind in info.types if not isinstance(kind, inspect.NoneType)]
    [only] = words
    return replace(only, type=f"{only.type} or null")


def _literal(info: inspect.LiteralType) -> Described:
    return Described("one of", ", ".join(f"`{value}`" for value in info.values))


def _struct(info: inspect.StructType) -> Described:
    name = info.cls.__name__
    return Described(f"[{name}](#{name.lower()})")


_WORDS: Final[dict[type[inspect.Type], Callable[[Any], Described]]] = {
    inspect.IntType: _integer,
    inspect.FloatType: _number,
    inspect.StrType: _text,
    inspect.BytesType: lambda info: Described("bytes", _size(info, "bytes")),
    inspect.BoolType: lambda _: Described("boolean"),
    inspect.LiteralType: _literal,
    inspect.VarTupleType: _array,
    inspect.DictType: _map,
    inspect.UnionType: _union,
    inspect.StructType: _struct,
    inspect.AnyType: lambda _: Described("any value"),
}
