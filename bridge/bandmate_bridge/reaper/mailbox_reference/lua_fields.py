"""The fields of what the agent sends, as a Lua table by which the scripts read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, get_args

import msgspec
from msgspec import inspect

from bandmate_bridge.reaper.mailbox_messages import MAILBOX_VERSION, AgentMessage, kind_of
from bandmate_protocol.reference.fields import parts_of

_HEADER = """\
-- Generated from the Structs in mailbox_messages; CONTRIBUTING.md has the command. Change those, not this file.
-- Of each message of the agent, and of the parts that messages hold: the fields, with their types and defaults.

return {
"""


def lua_fields() -> str:
    """The text of mailbox_fields.lua."""
    messages = {kind_of(kind): kind for kind in get_args(AgentMessage)}
    structs: list[type[msgspec.Struct]] = list(messages.values())
    for struct in structs:
        structs += [part for part in parts_of(struct) if part not in structs]
    parts = {struct.__name__: struct for struct in structs if struct not in messages.values()}
    parts = {name: struct for name, struct in parts.items() if not _struct_type(struct).array_like}
    lines = [f"  version = {MAILBOX_VERSION},", "  messages = {", *_struct_lines(messages), "  },"]
    return _HEADER + "\n".join([*lines, "  parts = {", *_struct_lines(parts), "  },", "}", ""])


def _struct_type(struct: type[msgspec.Struct]) -> inspect.StructType:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return info


def _struct_lines(structs: dict[str, type[msgspec.Struct]]) -> list[str]:
    lines: list[str] = []
    for name, struct in structs.items():
        fields = [
            f"      {field.encode_name} = {{ {', '.join(_field_parts(field))} }},"
            for field in _struct_type(struct).fields
        ]
        lines += [f"    {name} = {{", *fields, "    },"] if fields else [f"    {name} = {{}},"]
    return lines


def _field_parts(field: inspect.Field) -> list[str]:
    parts = _type_parts(field.type)
    if field.required:
        return [*parts, "required = true"]
    if field.default_factory is not msgspec.NODEFAULT or field.default == ():
        return [*parts, "empty = true"]
    return parts if field.default is None else [*parts, f"default = {_lua_value(field.default)}"]


def _lua_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _type_parts(info: inspect.Type) -> list[str]:
    """A type as the entries of its table. Raises KeyError for a type that the scripts cannot check."""
    return _DESCRIBERS[type(info)](info)


def _named(kind: str) -> Callable[[Any], list[str]]:
    return lambda _: [f'"{kind}"']


def _describe_struct(info: inspect.StructType) -> list[str]:
    if not info.array_like:
        return ['"part"', f'of = "{info.cls.__name__}"']
    items = ", ".join("{ " + ", ".join(_type_parts(field.type)) + " }" for field in info.fields)
    return ['"tuple"', f"of = {{ {items} }}"]


def _describe_list(info: inspect.VarTupleType) -> list[str]:
    return ['"list"', f"of = {{ {', '.join(_type_parts(info.item_type))} }}"]


def _describe_map(info: inspect.DictType) -> list[str]:
    if isinstance(info.value_type, inspect.AnyType):
        return ['"map"']
    return ['"map"', f"of = {{ {', '.join(_type_parts(info.value_type))} }}"]


def _describe_union(info: inspect.UnionType) -> list[str]:
    kinds = [kind for kind in info.types if not isinstance(kind, inspect.NoneType)]
    return _type_parts(kinds[0]) if len(kinds) == 1 else ['"any"']


_DESCRIBERS: Final[dict[type[inspect.Type], Callable[[Any], list[str]]]] = {
    inspect.StrType: _named("string"),
    inspect.LiteralType: _named("string"),
    inspect.IntType: _named("integer"),
    inspect.FloatType: _named("number"),
    inspect.BoolType: _named("boolean"),
    inspect.Metadata: lambda info: _type_parts(info.type),
    inspect.StructType: _describe_struct,
    inspect.VarTupleType: _describe_list,
    inspect.DictType: _describe_map,
    inspect.UnionType: _describe_union,
}
