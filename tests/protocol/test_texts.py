"""Sentences that can be said in another language."""

from __future__ import annotations

import copy
import pickle

import pytest

from bandmate_protocol.texts import TemplateText, Wording, say, text_of, wording_of

GERMAN = {
    "There is no track {name}.": "Es gibt keine Spur {name}.",
    "{what} Tracks: {names}.": "{what} Spuren: {names}.",
}


def in_german(template: str) -> str:
    return GERMAN.get(template, template)


def test_a_sentence_is_text_and_knows_how_it_was_made() -> None:
    text = say("{count} of {all} bars at {bpm:.1f} bpm", count=3, all=4, bpm=89.96)
    assert text == "3 of 4 bars at 90.0 bpm"
    assert wording_of(text) == Wording(
        template="{count} of {all} bars at {bpm:.1f} bpm", values={"count": 3, "all": 4, "bpm": 89.96}
    )


def test_a_sentence_within_a_sentence_is_translated_too() -> None:
    text = say("{what} Tracks: {names}.", what=say("There is no track {name}.", name="Bass"), names="Drums")
    assert text == "There is no track Bass. Tracks: Drums."
    assert text_of(wording_of(text)) == text
    assert text_of(wording_of(text), in_german) == "Es gibt keine Spur Bass. Spuren: Drums."


def test_plain_text_keeps_its_braces() -> None:
    assert text_of(wording_of("a {b} and }")) == "a {b} and }"


@pytest.mark.parametrize("again", [copy.deepcopy, lambda text: pickle.loads(pickle.dumps(text))])
def test_a_copy_knows_it_too(again) -> None:
    text = say("There is no track {name}.", name="Bass")
    assert again(text) == text
    assert isinstance(again(text), TemplateText)
    assert wording_of(again(text)) == wording_of(text)


@pytest.mark.parametrize(
    "template",
    [
        "{name.__class__}",
        "{name[0]}",
        "{name:>999}",
        "{name!r:{name}}",
        "{}",
        "{0}",
        "{other}",
        "{name:%Y%m}",
    ],
)
def test_a_peers_template_reaches_nothing_but_its_values(template: str) -> None:
    with pytest.raises(ValueError, match="template"):
        text_of(Wording(template=template, values={"name": "Bass"}))


def test_a_template_without_its_value_is_a_mistake_at_once() -> None:
    with pytest.raises(KeyError):
        say("There is no track {name}.", nmae="Bass")
