"""The golden frames, both ways, and that they leave nothing out."""

from __future__ import annotations

import json
from typing import Any

import msgpack
import msgspec
import pytest
from msgspec import inspect

from bandmate_protocol.codec import CLIENT_FRAMES, SERVER_FRAMES, FrameDecoder, encode_message
from bandmate_protocol.errors import RemoteProtocolError
from bandmate_protocol.messages import Message, type_of
from bandmate_protocol.session import RemoteFault
from tests.protocol.field_paths import expected_paths, value_paths
from tests.protocol.pair import Pair
from tests.protocol.strategies import ALL_TYPES, as_fields
from tests.protocol.vectors import FOLDER, files, json_fields, valid

INDEX = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))
MADE = {vector.name: vector for vector in valid()}
named = {"ids": lambda entry: entry["name"]}


def decoders(direction: str) -> list[FrameDecoder[Any]]:
    return {"client": [CLIENT_FRAMES], "server": [SERVER_FRAMES], "both": [CLIENT_FRAMES, SERVER_FRAMES]}[
        direction
    ]


def test_the_files_are_current() -> None:
    there = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert there == files(), "python -m tests.protocol.vectors writes them anew"


@pytest.mark.parametrize("entry", INDEX["valid"], **named)
def test_a_valid_frame_is_read(entry: dict[str, Any]) -> None:
    frame = (FOLDER / entry["file"]).read_bytes()
    for decoder in decoders(entry["direction"]):
        message = decoder.decode(frame)
        assert message == MADE[entry["name"]].message
        assert json_fields(as_fields(MADE[entry["name"]].message)) == entry["fields"]


@pytest.mark.parametrize("entry", [entry for entry in INDEX["valid"] if entry["canonical"]], **named)
def test_a_frame_is_written_as_another_encoder_would(entry: dict[str, Any]) -> None:
    frame = (FOLDER / entry["file"]).read_bytes()
    assert encode_message(MADE[entry["name"]].message) == frame
    assert msgpack.packb(msgpack.unpackb(frame)) == frame


@pytest.mark.parametrize("entry", INDEX["invalid"], **named)
def test_an_invalid_frame_is_refused(entry: dict[str, Any]) -> None:
    frame = (FOLDER / entry["file"]).read_bytes()
    [decoder] = decoders(entry["direction"])
    with pytest.raises(RemoteProtocolError) as caught:
        decoder.decode(frame)
    assert (caught.value.code, caught.value.request) == (entry["code"], entry["request"])


@pytest.mark.parametrize("entry", INDEX["invalid"], **named)
def test_a_session_answers_an_invalid_frame(entry: dict[str, Any], pair: Pair) -> None:
    session = pair.server if entry["direction"] == "client" else pair.client
    [fault] = session.receive((FOLDER / entry["file"]).read_bytes())
    assert isinstance(fault, RemoteFault)
    [answer] = map(msgpack.unpackb, session.to_send())
    assert (answer["type"], answer["code"], answer.get("request")) == (
        "error",
        entry["code"],
        entry["request"],
    )


@pytest.mark.parametrize("kind", ALL_TYPES, ids=type_of)
def test_every_field_of_every_message_is_in_a_vector(kind: type[Message]) -> None:
    seen: set[str] = set()
    for vector in valid():
        if type(vector.message) is kind and vector.canonical:
            seen |= value_paths(as_fields(vector.message))
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    assert expected_paths(info) - seen == set()


def test_the_schema_says_the_same_as_the_messages() -> None:
    schema = json.loads((FOLDER.parent / "schema.json").read_text(encoding="utf-8"))
    for kind in ALL_TYPES:
        component = schema["$defs"][kind.__name__]
        assert list(component["properties"]) == ["type", *kind.__struct_fields__]
        required = [field.name for field in msgspec.structs.fields(kind) if field.required]
        assert component["required"] == ["type", *required]
