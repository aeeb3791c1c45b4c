"""Misspelled words are taken for the one that they are near to, and ordinary words for none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.typos import count_edits, is_ordinary_word
from bandmate_protocol.errors import RequestError
from tests.plugins.sketch.conftest import perform, timeline

COMMON = (Path(__file__).parents[2] / "material/common_words.txt").read_text("utf-8").split()


@pytest.mark.parametrize(
    ("prompt", "corrected", "stems"),
    [
        ("electirc piano", {"electirc": "electric"}, "electric_piano"),
        ("drms", {"drms": "drums"}, ""),
        ("sxophone", {"sxophone": "saxophone"}, "saxophone"),
        ("rock with a gutar", {"gutar": "guitar"}, "distorted_guitar"),
        ("Pinao, slow", {"pinao": "piano"}, "piano"),
        ("trumpt and vocals", {"trumpt": "trumpet"}, "trumpet"),
    ],
)
def test_a_misspelled_word_is_taken(prompt: str, corrected: dict[str, str], stems: str) -> None:
    wish = parse_prompt(prompt)
    assert wish.corrected == corrected
    assert not stems or wish.instruments == [stems]
    assert not set(wish.unknown) & set(corrected)


def test_several_are_taken_where_nothing_is_known() -> None:
    wish = parse_prompt("pinao and strngs")
    assert wish.corrected == {"pinao": "piano", "strngs": "strings"}
    assert wish.instruments == ["piano", "strings"]


@pytest.mark.parametrize(
    ("prompt", "corrected", "instruments"),
    [
        ("rock with pinao and strngs", {"pinao": "piano", "strngs": "strings"}, ["piano", "strings"]),
        ("guitarr solo over rck drums", {"guitarr": "guitar", "rck": "rock"}, ["lead_guitar"]),
        ("gitar strumed softly", {"gitar": "guitar", "strumed": "strummed"}, ["acoustic_guitar"]),
    ],
)
def test_several_are_taken_where_no_other_word_is_unknown(
    prompt: str, corrected: dict[str, str], instruments: list[str]
) -> None:
    wish = parse_prompt(prompt)
    assert (wish.corrected, wish.instruments, wish.unknown) == (corrected, instruments, [])


def test_words_that_may_be_another_language_stay_unknown() -> None:
    wish = parse_prompt("rock pinao mit viel gefuehl")
    assert not wish.corrected
    assert wish.unknown == ["pinao", "mit", "viel", "gefuehl"]


def test_a_misspelled_negation_rules_out() -> None:
    assert "drums" in parse_prompt("rock witout drums").without


def test_two_candidates_are_named_and_not_taken(engine: LoadedEngine) -> None:
    show = perform(engine, "violi, drums", timeline(4.0))
    assert [stem.name for stem in show.stems] == ["Drums"]
    assert "`violi` could be viola or violin, so it was not taken for any." in show.remarks


def test_what_was_taken_is_said(engine: LoadedEngine) -> None:
    show = perform(engine, "drms", timeline(4.0))
    assert [stem.name for stem in show.stems] == ["Drums"]
    assert "`drms`: taken as drums." in show.remarks


def test_a_word_that_would_still_be_unknown_is_not_taken(engine: LoadedEngine) -> None:
    with pytest.raises(RequestError):
        perform(engine, "electirc", timeline(4.0))


@pytest.mark.parametrize("context", ["{}", "rock {}", "{} drums"])
def test_ordinary_words_are_taken_for_nothing(context: str) -> None:
    taken = {word: found for word in COMMON if (found := parse_prompt(context.format(word)).corrected)}
    assert taken == {}


def test_the_list_has_ordinary_words_that_are_near() -> None:
    assert all(is_ordinary_word(word) for word in ("base", "plano", "stings", "harm"))
    assert not any(is_ordinary_word(word) for word in ("drms", "gutar", "sxophone", "electirc"))


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("drms", "drums", 1),
        ("pinao", "piano", 1),
        ("gutar", "guitar", 1),
        ("flute", "flute", 0),
        ("cat", "dog", 3),
    ],
)
def test_edits_are_counted(one: str, other: str, edits: int) -> None:
    assert count_edits(one, other) == count_edits(other, one) == edits
