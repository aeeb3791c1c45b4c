"""Hypothesis strategies for every message, built from the Structs themselves."""

from __future__ import annotations

from typing import Any, cast, get_args

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from msgspec import inspect

from bandmate_protocol.messages import ClientMessage, Message, MessagePart, ServerMessage
from bandmate_protocol.units import MAX_INTEGER

CLIENT_TYPES: tuple[type[Message], ...] = get_args(ClientMessage)
SERVER_TYPES: tuple[type[Message], ...] = get_args(ServerMessage)
ALL_TYPES: tuple[type[Message], ...] = tuple(dict.fromkeys((*CLIENT_TYPES, *SERVER_TYPES)))

PARTS: tuple[type[MessagePart], ...] = tuple(MessagePart.__subclasses__())
ALL_STRUCTS: tuple[type[msgspec.Struct], ...] = (*ALL_TYPES, *PARTS)

MOST_ITEMS = 4
HYPOTHESIS_DEFAULT = 100

plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def examples(short: int, full: int | None = None) -> settings:
    """So many examples, and with `--full` as many as are named here or as that profile says."""
    most = settings.default.max_examples if settings.default else short
    return settings(max_examples=short if most == HYPOTHESIS_DEFAULT else full or most)


def messages(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Any message of a class, within the bounds of its fields."""
    return cast("st.SearchStrategy[Message]", _build(inspect.type_info(kind)))


def _build(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Raises KeyError for a kind of field that has no strategy yet."""
    if isinstance(info, inspect.Metadata):
        return _build(info.type)
    return _BUILDERS[type(info)](info)


def _struct(info: inspect.StructType) -> st.SearchStrategy[Any]:
    fields = {field.encode_name: _build(field.type) for field in info.fields}
    required = {field.encode_name: fields[field.encode_name] for field in info.fields if field.required}
    optional = {name: strategy for name, strategy in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: info.cls(**values))


def _integer(info: inspect.IntType) -> st.SearchStrategy[int]:
    assert info.ge is not None, "every integer on the wire has bounds"
    assert info.le is not None, "every integer on the wire has bounds"
    return st.integers(info.ge, info.le)


def _number(info: inspect.FloatType) -> st.SearchStrategy[float]:
    return st.floats(
        min_value=info.ge if info.ge is not None else info.gt,
        max_value=info.le if info.le is not None else info.lt,
        exclude_min=info.gt is not None,
        exclude_max=info.lt is not None,
        allow_nan=False,
        allow_infinity=False,
    )


def _text(info: inspect.StrType) -> st.SearchStrategy[str]:
    most = info.max_length
    if info.pattern is None:
        return st.text(min_size=info.min_length or 0, max_size=min(most or 16, 300))
    short = st.from_regex(info.pattern)
    return short.filter(lambda text: (info.min_length or 0) <= len(text) <= (most or len(text)))


def _array(info: inspect.VarTupleType) -> st.SearchStrategy[tuple[Any, ...]]:
    least = info.min_length or 0
    return st.lists(_build(info.item_type), min_size=least, max_size=max(least, MOST_ITEMS)).map(tuple)


def _map(info: inspect.DictType) -> st.SearchStrategy[dict[str, Any]]:
    keys = _build(info.key_type) if isinstance(info.key_type, inspect.LiteralType) else st.text(max_size=8)
    return st.dictionaries(keys, _build(info.value_type), max_size=MOST_ITEMS)


_BUILDERS: dict[type[inspect.Type], Any] = {
    inspect.StructType: _struct,
    inspect.IntType: _integer,
    inspect.FloatType: _number,
    inspect.StrType: _text,
    inspect.BytesType: lambda info: st.binary(max_size=min(info.max_length, 64)),
    inspect.BoolType: lambda info: st.booleans(),
    inspect.NoneType: lambda info: st.none(),
    inspect.LiteralType: lambda info: st.sampled_from(info.values),
    inspect.UnionType: lambda info: st.one_of([_build(kind) for kind in info.types]),
    inspect.VarTupleType: _array,
    inspect.DictType: _map,
    inspect.AnyType: lambda info: plain_values,
}


def as_fields(message: Message) -> dict[str, Any]:
    """The plain map that a message is on the wire."""
    return cast("dict[str, Any]", msgspec.to_builtins(message, builtin_types=(bytes,)))
