"""Public pages say what makes each style that is asked for, and their tempos overlap with the band's."""

from __future__ import annotations

from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from tests.material.wanted_styles import source_agrees, style_sources, wanted_words

DIFFERS = {"funk", "punk"}
"""Told of in docs/measured/words.md."""


def test_each_wanted_style_has_a_source_with_an_address() -> None:
    found = style_sources()
    assert set(found.styles) == set(wanted_words()["styles"])
    assert {source.page for source in found.styles.values()} <= set(found.pages)
    assert all(address.startswith(("https://", "http://")) for _, address in found.pages.values())
    assert all(source.tempo or source.says for source in found.styles.values())


def test_the_tempos_of_styles_overlap_with_their_sources() -> None:
    genres = {word: decisions.choose_genre(parse_prompt(word)) for word in style_sources().styles}
    apart = {
        word
        for word, source in style_sources().styles.items()
        if source_agrees(source, genres[word]) is False
    }
    assert apart == DIFFERS
