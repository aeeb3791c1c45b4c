"""The metadata's form: what upstream writes, and what is read back from any text of the planner's."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_plugins._engines.acestep.planner.fields import (
    BPM_VALUES,
    DURATION_VALUES,
    KEY_VALUES,
    LANGUAGE_VALUES,
    METRE_VALUES,
    PlanFields,
    read_fields,
)

_CAPTIONS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=200)


@settings(max_examples=100, deadline=None)
@given(
    caption=_CAPTIONS,
    bpm=st.none() | st.sampled_from(BPM_VALUES),
    duration=st.none() | st.sampled_from(DURATION_VALUES),
    key=st.none() | st.sampled_from(KEY_VALUES),
    language=st.none() | st.sampled_from(LANGUAGE_VALUES),
    metre=st.none() | st.sampled_from(METRE_VALUES),
)
def test_fields_are_yaml_with_sorted_keys_and_are_read_back(
    caption: str,
    bpm: int | None,
    duration: int | None,
    key: str | None,
    language: str | None,
    metre: int | None,
) -> None:
    fields = PlanFields(bpm, caption, duration, None, key, language, metre)
    text = fields.to_yaml()
    values = {name: value for name, value in fields.given_values().items() if name != "caption"}
    loaded = yaml.safe_load(text)
    assert list(loaded) == sorted(loaded)
    assert loaded.pop("caption") == " ".join(caption.split())
    assert loaded == values
    read = read_fields(text)
    assert {name: value for name, value in read.given_values().items() if name != "caption"} == values


def test_long_captions_are_wrapped_at_80_columns_behind_two_spaces() -> None:
    words = "warm " * 40
    text = PlanFields(caption=words).to_yaml()
    first, *others = text.splitlines()
    assert first.startswith("caption: warm")
    # YAML breaks a line at the first space past column 80.
    assert all(line.startswith("  warm") and len(line) <= 80 + len("warm") for line in others)
    assert read_fields(text).caption == words.strip()


@pytest.mark.parametrize(
    "caption", ["a: b", "'quoted'", "it's", '"so" it goes', "# one", "- a list", "no", "café"]
)
def test_captions_that_yaml_quotes_are_read_back(caption: str) -> None:
    assert read_fields(PlanFields(caption=caption).to_yaml()).caption == caption


def test_norwegian_is_no_boolean() -> None:
    assert PlanFields(language="no").to_yaml() == "language: 'no'\n"
    assert read_fields("language: 'no'\n").language == "no"


@pytest.mark.parametrize(
    "text",
    [
        "tempo: 90\n",
        "bpm: 90\nbpm: 91\n",
        "bpm: 29\n",
        "keyscale: H minor\n",
        "language: xx\n",
        "words\n",
        "bpm: x\n",
    ],
)
def test_what_is_not_legal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"planner|invalid literal"):
        read_fields(text)
