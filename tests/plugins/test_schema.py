"""Parameters become a form that a simple bridge can draw."""

from __future__ import annotations

import enum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from bandmate_plugins._host.loading.schema import can_be_drawn, params_schema
from bandmate_plugins.task import NoParams
from bandmate_protocol.codec import SERVER_FRAMES, encode_message
from bandmate_protocol.messages import Catalogue, TaskInfo
from bandmate_protocol.units import WholeFrames


class Colour(enum.Enum):
    """How it feels."""

    WARM = "warm"
    COLD = "cold"


class Inner(msgspec.Struct):
    depth: Annotated[float, Meta(ge=0, le=1)] = 0.5


class Everything(msgspec.Struct):
    """All that a form can hold, and some that it cannot."""

    name: str
    prompt: Annotated[str, Meta(max_length=100, title="Words", description="Say it")] = ""
    gain: Annotated[float, Meta(ge=-60, le=12, extra={"unit": "dB"})] = 0.0
    bars: Annotated[int, Meta(ge=1)] | None = None
    maybe_gain: Annotated[float, Meta(extra={"unit": "dB"})] | None = None
    length: WholeFrames = 0
    mix: bool = False
    style: Literal["dub", "ska"] = "dub"
    step: Literal[1, 2, 4] = 1
    maybe_style: Literal["dub", None] = None
    colour: Colour = Colour.WARM
    parts: tuple[str, ...] = ()
    inner: Inner = msgspec.field(default_factory=Inner)
    sent_as: int = msgspec.field(default=1, name="sentAs")


PROPERTIES = params_schema(Everything)["properties"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("name", {"title": "Name", "type": "string"}),
        (
            "prompt",
            {"title": "Words", "description": "Say it", "type": "string", "maxLength": 100, "default": ""},
        ),
        (
            "gain",
            {"title": "Gain", "type": "number", "minimum": -60, "maximum": 12, "default": 0.0, "unit": "dB"},
        ),
        ("bars", {"title": "Bars", "type": "integer", "minimum": 1, "nullable": True, "default": None}),
        (
            "maybe_gain",
            {"title": "Maybe gain", "type": "number", "nullable": True, "default": None, "unit": "dB"},
        ),
        ("mix", {"title": "Mix", "type": "boolean", "default": False}),
        ("style", {"title": "Style", "type": "string", "enum": ["dub", "ska"], "default": "dub"}),
        ("step", {"title": "Step", "type": "integer", "enum": [1, 2, 4], "default": 1}),
        (
            "maybe_style",
            {"title": "Maybe style", "type": "string", "enum": ["dub"], "nullable": True, "default": None},
        ),
        ("sentAs", {"title": "Sent as", "type": "integer", "default": 1}),
    ],
)
def test_a_property(name: str, expected: dict[str, Any]) -> None:
    assert PROPERTIES[name] == expected


def test_an_enum_keeps_its_values() -> None:
    found = PROPERTIES["colour"]
    assert (found["type"], sorted(found["enum"]), found["default"]) == ("string", ["cold", "warm"], "warm")


def test_a_unit_of_the_protocol_is_shown() -> None:
    assert PROPERTIES["length"]["unit"] == "frames"


def test_references_are_put_in_their_place() -> None:
    assert "$ref" not in str(PROPERTIES)
    assert PROPERTIES["inner"]["properties"]["depth"]["maximum"] == 1


def test_what_can_be_drawn() -> None:
    not_drawn = {name for name, found in PROPERTIES.items() if not can_be_drawn(found)}
    assert not_drawn == {"parts", "inner"}


def test_required_parameters_are_said() -> None:
    assert params_schema(Everything)["required"] == ["name"]
    assert params_schema(NoParams)["properties"] == {}


def test_the_form_passes_the_wire() -> None:
    info = TaskInfo(
        name="x",
        title="X",
        summary="X.",
        ability=None,
        source="none",
        params=params_schema(Everything),
        plugin="x",
    )
    message = Catalogue(request="1", tasks=(info,), engines=(), plugins=())
    assert SERVER_FRAMES.decode(encode_message(message)) == message


class Own(msgspec.Struct):
    me: Own | None = None


class Odd(msgspec.Struct):
    number: complex = 0j


class Positional(msgspec.Struct, array_like=True):
    a: int = 1


class OutOfBounds(msgspec.Struct):
    a: Annotated[int, Meta(le=3)] = 4


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (Own, "contains itself"),
        (Odd, "no form can show"),
        (Positional, "array_like"),
        (dict, r"subclass of msgspec.Struct"),
        (3, r"subclass of msgspec.Struct"),
        (OutOfBounds, "default of `a` is outside its own bounds"),
    ],
)
def test_what_no_form_can_hold_is_refused(params: Any, sentence: str) -> None:
    with pytest.raises((TypeError, ValueError), match=sentence):
        params_schema(params)
