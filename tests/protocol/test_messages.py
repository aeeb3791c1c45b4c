"""Every message there and back, and how old and new peers take one another's."""

from __future__ import annotations

import inspect as python_inspect
from typing import Any, get_type_hints

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_protocol import messages as package
from bandmate_protocol.codec import CLIENT_FRAMES, SERVER_FRAMES, FrameDecoder, encode_message
from bandmate_protocol.errors import ErrorCode, RemoteProtocolError
from bandmate_protocol.messages import Message, type_of
from tests.protocol.strategies import (
    ALL_STRUCTS,
    ALL_TYPES,
    CLIENT_TYPES,
    SERVER_TYPES,
    as_fields,
    examples,
    messages,
)

by_type = pytest.mark.parametrize("kind", ALL_TYPES, ids=type_of)


def decoder_of(kind: type[Message]) -> FrameDecoder[Any]:
    return CLIENT_FRAMES if kind in CLIENT_TYPES else SERVER_FRAMES


def test_every_message_class_travels_in_some_direction() -> None:
    classes = {
        value
        for value in vars(package).values()
        if python_inspect.isclass(value) and issubclass(value, Message) and value is not Message
    }
    assert classes == set(ALL_TYPES)


@by_type
@given(data=st.data())
@examples(30)
def test_a_message_survives_the_wire(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    assert decoder_of(kind).decode(encode_message(message)) == message


@by_type
@given(data=st.data())
@examples(10)
def test_fields_and_parts_from_a_newer_peer_are_ignored(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    fields = as_fields(message) | {"field_of_the_future": [1, {"x": None}], "another": "text"}
    assert decoder_of(kind).decode(msgpack.packb(fields)) == message


@by_type
@given(data=st.data())
@examples(10)
def test_defaults_may_be_spelt_out(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    everything = {"type": type_of(kind)}
    for name in message.__struct_fields__:
        everything[name] = msgspec.to_builtins(getattr(message, name), builtin_types=(bytes,))
    assert decoder_of(kind).decode(msgpack.packb(everything)) == message


@by_type
def test_a_message_of_the_other_direction_is_an_unknown_type(kind: type[Message]) -> None:
    for types, decoder in ((CLIENT_TYPES, CLIENT_FRAMES), (SERVER_TYPES, SERVER_FRAMES)):
        if kind in types:
            continue
        with pytest.raises(RemoteProtocolError) as caught:
            decoder.decode(msgpack.packb({"type": type_of(kind), "request": "r1"}))
        assert caught.value.code is ErrorCode.UNKNOWN_TYPE
        assert caught.value.request == "r1"
        assert caught.value.type == type_of(kind)


@by_type
def test_messages_are_frozen_and_have_keyword_fields_only(kind: type[Message]) -> None:
    assert kind.__struct_config__.frozen
    with pytest.raises(TypeError):
        kind("positional")


@pytest.mark.parametrize("struct", ALL_STRUCTS, ids=lambda struct: struct.__name__)
def test_every_default_lies_within_its_own_bounds(struct: type[msgspec.Struct]) -> None:
    hints = get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        if field.required:
            continue
        made = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        spelt = msgspec.to_builtins(made)
        assert msgspec.convert(spelt, hints[field.name]) == made, field.name
