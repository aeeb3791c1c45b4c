"""The JSON of the Lua side against Python's."""

import json
import math

import lupa.lua53
import lupa.lua54
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reaper.stage import SCRIPTS

SOURCE = (SCRIPTS / "bandmate" / "json.lua").read_text()
LUAS = [lupa.lua53, lupa.lua54]
CODECS = [module.LuaRuntime(unpack_returned_tuples=True).execute(SOURCE) for module in LUAS]

numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
plain = st.booleans() | numbers | st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("codec", CODECS, ids=["5.3", "5.4"])
@given(values)
def test_what_goes_in_comes_out(codec, value):
    once = codec["encode"](codec["decode"](json.dumps(value)))
    assert json.loads(once) == value


@pytest.mark.parametrize("codec", CODECS, ids=["5.3", "5.4"])
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_exact_and_stay_floats(codec, value):
    back = codec["decode"](json.dumps(value))
    assert math.copysign(1.0, back) == math.copysign(1.0, value)
    assert back == value


@pytest.mark.parametrize("codec", CODECS, ids=["5.3", "5.4"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        '{"a":1,}',
        "01",
        "1.",
        "-",
        "nul",
        '"a',
        '"\\x"',
        '"\t"',
        "[1 2]",
        "{a:1}",
        "1 2",
        "NaN",
        "[" * 100,
        '{"a"}',
        '"\\u12"',
        "+1",
        ".5",
        "1e",
    ],
)
def test_what_is_no_json_is_refused(codec, text):
    with pytest.raises(Exception, match="no JSON"):
        codec["decode"](text)


@pytest.mark.parametrize("codec", CODECS, ids=["5.3", "5.4"])
def test_names_with_all_sorts_of_letters(codec):
    text = 'a "quoted"\nname, 1e-5, Ünïcödé 🎸 \u2028 \x7f'
    assert codec["decode"](json.dumps(text)) == text
    assert codec["decode"](json.dumps(text, ensure_ascii=False)) == text


@pytest.mark.parametrize("codec", CODECS, ids=["5.3", "5.4"])
def test_null_leaves_no_trace_and_empty_lists_stay_lists(codec):
    assert codec["encode"](codec["decode"]('{"a": null, "b": []}')) == '{"b":[]}'
