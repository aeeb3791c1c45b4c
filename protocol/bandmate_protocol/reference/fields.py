"""A field of a Struct in words: its type, bounds, unit, default and meaning."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from msgspec import inspect

from bandmate_protocol.reference.sources import attribute_docs, one_paragraph
from bandmate_protocol.units import MAX_INTEGER


@dataclass(frozen=True)
class TypeText:
    """A type in words."""

    type: str
    bounds: str = ""
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class FieldText:
    """A field in words; ``default`` is `required` when there is none."""

    name: str
    described: TypeText
    default: str
    meaning: str


def field_texts(struct: type[msgspec.Struct]) -> list[FieldText]:
    """The fields of a Struct in the order of their definition."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    docs: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            docs |= attribute_docs(base)
    return [_field_text(field, docs.get(field.name, "")) for field in info.fields]


def field_table(struct: type[msgspec.Struct]) -> list[str]:
    """The fields of a Struct as the lines of a table in Markdown; none for one without fields."""
    rows = [_field_row(field) for field in field_texts(struct)]
    head = ["| field | type | bounds | unit | default | |", "|---|---|---|---|---|---|"]
    return head + rows if rows else []


def _field_row(field: FieldText) -> str:
    cells = (
        f"`{field.name}`",
        field.described.type,
        field.described.bounds,
        field.described.unit,
        field.default,
        field.meaning,
    )
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def first_sentence(struct: type[msgspec.Struct]) -> str:
    """How the documentation of a Struct begins."""
    first = one_paragraph(struct.__doc__ or "").split(". ")[0]
    return first if first.endswith((".", "?")) else first + "."


def parts_of(struct: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """The Structs that a Struct's fields hold, directly, in order."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    found: list[type[msgspec.Struct]] = []
    for field in info.fields:
        _collect_parts(field.type, found)
    return found


def _collect_parts(info: inspect.Type, found: list[type[msgspec.Struct]]) -> None:
    match info:
        case inspect.StructType():
            found.append(info.cls)
        case inspect.Metadata():
            _collect_parts(info.type, found)
        case inspect.VarTupleType():
            _collect_parts(info.item_type, found)
        case inspect.UnionType():
            for kind in info.types:
                _collect_parts(kind, found)
        case _:
            pass


def _field_text(field: inspect.Field, doc: str) -> FieldText:
    described = describe_type(field.type)
    # Where a unit says what a number is, the words of its type add nothing.
    own = "" if described.unit or isinstance(field.type, inspect.VarTupleType) else described.meaning
    return FieldText(field.encode_name, described, _default_text(field), doc or own)


def _default_text(field: inspect.Field) -> str:
    if field.required:
        return "required"
    if field.default_factory is not msgspec.NODEFAULT:
        return _json_text(field.default_factory())
    return _json_text(field.default)


def _json_text(value: Any) -> str:
    return f"`{json.dumps(msgspec.to_builtins(value))}`"


def describe_type(info: inspect.Type) -> TypeText:
    """A type in words. Raises KeyError for a kind of type that the wire does not have."""
    if isinstance(info, inspect.Metadata):
        inner = describe_type(info.type)
        meaning = str((info.extra_json_schema or {}).get("description", ""))
        unit = str((info.extra or {}).get("unit", ""))
        return replace(inner, unit=unit or inner.unit, meaning=meaning or inner.meaning)
    return _DESCRIBERS[type(info)](info)


def _describe_integer(info: inspect.IntType) -> TypeText:
    return TypeText("integer", _range_text(info))


def _describe_number(info: inspect.FloatType) -> TypeText:
    return TypeText("number", _range_text(info))


def _range_text(info: inspect.IntType | inspect.FloatType) -> str:
    low = _limit_text(info.ge) if info.ge is not None else f"over {_limit_text(info.gt)}"
    high = _limit_text(info.le) if info.le is not None else f"under {_limit_text(info.lt)}"
    return f"{low} to {high}" if info.gt is None else f"{low}, to {high}"


def _limit_text(value: float | None) -> str:
    names = {MAX_INTEGER: "2^53", -MAX_INTEGER: "-2^53", 2**32 - 1: "2^32 - 1"}
    if value is None:
        return "any"
    return names.get(int(value), f"{value:,}".replace(",", " ").removesuffix(".0"))


def _describe_text(info: inspect.StrType) -> TypeText:
    if info.pattern is not None:
        pattern = f"`{plain_pattern(info.pattern)}`"
        return TypeText("text", f"{_size_text(info, 'characters')}, {pattern}".removeprefix(", "))
    return TypeText("text", _size_text(info, "characters"))


def plain_pattern(pattern: str) -> str:
    """A pattern as others need it, without what only Python's `$` makes necessary."""
    return pattern.removesuffix(r"(?!\n)")


def _size_text(info: Any, what: str) -> str:
    if info.min_length is not None and info.max_length is not None:
        return f"{info.min_length} to {_limit_text(info.max_length)} {what}"
    return f"at most {_limit_text(info.max_length)} {what}" if info.max_length is not None else ""


def _describe_array(info: inspect.VarTupleType) -> TypeText:
    item = describe_type(info.item_type)
    bounds = ", ".join(
        filter(None, [_size_text(info, "entries"), f"each {item.bounds}" if item.bounds else ""])
    )
    return TypeText(f"array of {item.type}", bounds, item.unit, item.meaning)


def _describe_map(info: inspect.DictType) -> TypeText:
    return TypeText(f"map of text to {describe_type(info.value_type).type}", _size_text(info, "entries"))


def _describe_pair(info: inspect.TupleType) -> TypeText:
    items = [describe_type(item) for item in info.item_types]
    return replace(items[0], type=f"array of {len(items)} {items[0].type}s")


def _describe_union(info: inspect.UnionType) -> TypeText:
    words = [describe_type(kind) for kind in info.types if not isinstance(kind, inspect.NoneType)]
    names = [each.type for each in words] + ["null"] * (len(words) < len(info.types))
    return replace(words[0], type=f"{', '.join(names[:-1])} or {names[-1]}")


def _describe_literal(info: inspect.LiteralType) -> TypeText:
    return TypeText("one of", ", ".join(f"`{value}`" for value in info.values))


def _describe_struct(info: inspect.StructType) -> TypeText:
    name = info.cls.__name__
    return TypeText(f"[{name}](#{name.lower()})")


_DESCRIBERS: Final[dict[type[inspect.Type], Callable[[Any], TypeText]]] = {
    inspect.IntType: _describe_integer,
    inspect.FloatType: _describe_number,
    inspect.StrType: _describe_text,
    inspect.BytesType: lambda info: TypeText("bytes", _size_text(info, "bytes")),
    inspect.BoolType: lambda _: TypeText("boolean"),
    inspect.LiteralType: _describe_literal,
    inspect.VarTupleType: _describe_array,
    inspect.TupleType: _describe_pair,
    inspect.DictType: _describe_map,
    inspect.UnionType: _describe_union,
    inspect.StructType: _describe_struct,
    inspect.AnyType: lambda _: TypeText("any value"),
}
