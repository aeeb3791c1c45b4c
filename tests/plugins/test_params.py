"""Checking parameters: what is taken, and how a refusal reads."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from bandmate_plugins import RequestError, Task
from bandmate_plugins._host.check_params import schema_text
from bandmate_plugins._host.engine_choice import check_params
from bandmate_plugins._host.loading.schema import params_schema
from bandmate_plugins._tasks.generate import GenerateParams, GenerateTask
from bandmate_plugins._tasks.repaint import RepaintParams
from bandmate_protocol.errors import ErrorCode


class ShapeParams(msgspec.Struct, frozen=True):
    """Of every kind."""

    gain: Annotated[float, Meta(ge=-60, le=12, title="Output gain", extra={"unit": "dB"})] = 0.0
    bars: Annotated[int, Meta(ge=1)] | None = None
    width: Annotated[float, Meta(gt=0, lt=2)] = 1.0
    grid: Annotated[int, Meta(multiple_of=4, le=64)] = 16
    style: Literal["dub", "ska"] = "dub"
    mix: bool = False
    name: Annotated[str, Meta(min_length=1, max_length=8)] = "x"
    word: Annotated[str, Meta(pattern="^[a-z]+$")] = "a"
    parts: tuple[Annotated[float, Meta(ge=0)], ...] = ()

    def __post_init__(self) -> None:
        if self.mix and self.bars == 3:
            raise ValueError("Three bars cannot be mixed")


class Shape(Task):
    """Takes parameters."""

    name = "shape"
    title = "Shape"
    Params = ShapeParams

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        yield from ()


class Needy(Task):
    """Has a parameter without a default."""

    name = "needy"
    title = "Needy"

    class Params(msgspec.Struct):
        """Takes one."""

        beats: Annotated[int, Meta(ge=1, le=16)]

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        yield from ()


def test_what_is_left_out_takes_its_default() -> None:
    assert check_params(GenerateTask(), {}) == GenerateParams()
    assert check_params(Shape(), {"gain": -3, "bars": 2}) == ShapeParams(gain=-3.0, bars=2)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"gain": 40}, "Output gain (`gain`) must be a number from -60 to 12 dB, not 40."),
        ({"gain": "loud"}, "Output gain (`gain`) must be a number from -60 to 12 dB, not 'loud'."),
        ({"gain": math.nan}, "Output gain (`gain`) must be a number from -60 to 12 dB, not nan."),
        ({"gain": None}, "Output gain (`gain`) must be a number from -60 to 12 dB, not None."),
        ({"bars": 0}, "Bars must be a whole number of at least 1, or nothing, not 0."),
        ({"bars": 1.5}, "Bars must be a whole number of at least 1, or nothing, not 1.5."),
        ({"width": 2}, "Width must be a number above 0 and below 2, not 2."),
        ({"grid": 6}, "Grid must be a whole number of at most 64 in steps of 4, not 6."),
        ({"style": "polka"}, "Style must be one of dub, ska, not 'polka'."),
        ({"mix": 1}, "Mix must be true or false, not 1."),
        ({"name": ""}, "Name must be text of 1 to 8 characters, not ''."),
        ({"word": "A"}, "Word must be text that matches ^[a-z]+$, not 'A'."),
        ({"name": "y" * 99}, f"Name must be text of 1 to 8 characters, not 'yyyyyy{'y' * 50}...."),
    ],
)
def test_a_value_out_of_bounds_is_refused_in_plain_words(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_params(Shape(), values)
    assert caught.value.code == ErrorCode.BAD_PARAMS
    assert caught.value.sentence == sentence


def test_the_protocols_kinds_of_text_are_described_in_words() -> None:
    properties = params_schema(RepaintParams)["properties"]
    assert schema_text(properties["part"]) == "text of at most 256 characters on one line"
    assert not any("matches" in schema_text(schema) for schema in properties.values())


def test_a_list_says_what_its_type_says() -> None:
    with pytest.raises(RequestError, match="Parts must fit its type"):
        check_params(Shape(), {"parts": [1.0, -1.0]})
    with pytest.raises(RequestError, match="finite"):
        check_params(Shape(), {"parts": [math.inf]})


def test_an_unknown_parameter_is_refused_with_the_near_one() -> None:
    with pytest.raises(RequestError) as caught:
        check_params(GenerateTask(), {"promt": "drums"})
    assert caught.value.code == ErrorCode.BAD_PARAMS
    assert caught.value.sentence == "`generate` has no parameter `promt`."
    assert caught.value.remedy.startswith("Did you mean `prompt`? Parameters: prompt, ")


def test_a_missing_parameter_is_asked_for() -> None:
    with pytest.raises(RequestError) as caught:
        check_params(Needy(), {})
    assert str(caught.value) == "`needy` needs Beats. It is a whole number from 1 to 16."


def test_parameters_that_do_not_go_together() -> None:
    with pytest.raises(RequestError, match="do not fit together: Three bars cannot be mixed"):
        check_params(Shape(), {"mix": True, "bars": 3})


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(ShapeParams.__struct_fields__) | st.text(max_size=8)


def outcome(values: dict[str, Any]) -> msgspec.Struct | RequestError:
    try:
        return check_params(Shape(), values)
    except RequestError as error:
        return error


@given(st.dictionaries(names, plain, max_size=4))
def test_any_values_are_taken_whole_or_refused_with_a_sentence(values: dict[str, Any]) -> None:
    result = outcome(values)
    if isinstance(result, RequestError):
        assert (result.code, result.sentence[-1]) == (ErrorCode.BAD_PARAMS, ".")
        return
    params = result
    assert isinstance(params, ShapeParams)
    for name, value in values.items():
        taken = getattr(params, name)
        assert taken == (tuple(value) if isinstance(value, list) else value)
    assert -60 <= params.gain <= 12
