"""Words that name a player in music only: idioms, verbs and titles play nobody."""

from __future__ import annotations

import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.terms import split_words, term_length

WESTERN = ["Drums", "Cello", "Nylon guitar", "Whistling"]


@pytest.mark.parametrize(
    ("prompt", "stems", "unknown"),
    [
        ("a western ride into the sunset", WESTERN, ["ride into", "sunset"]),
        ("western, lead me away", WESTERN, ["lead me", "away"]),
        ("sleigh ride with bells", ["Bells"], ["sleigh ride"]),
        ("piano, no strings attached", ["Piano"], ["strings attached"]),
        ('piano for "Walking in the rain"', ["Piano"], ["Walking in the rain"]),
        ('western called "Drums and bass"', WESTERN, ["Drums and bass"]),
    ],
)
def test_a_phrase_of_ordinary_english_names_no_player(
    prompt: str, stems: list[str], unknown: list[str]
) -> None:
    wish = parse_prompt(prompt)
    assert [name for name, _ in planned_stems(wish)] == stems
    assert wish.unknown == unknown


@pytest.mark.parametrize(
    ("prompt", "stems"),
    [
        ("ride on 2 and 4", ["Ride"]),
        ("ride into the chorus", ["Ride"]),
        ("crash up the bass", ["Crash", "Electric bass"]),
        ("rock drums, ride instead of hats", ["Drums"]),
        ("bell and choir", ["Choir", "Bells"]),
        ('"rock drums"', ["Drums"]),
        ('play "electric piano" please', ["Electric piano"]),
    ],
)
def test_the_same_words_play_elsewhere(prompt: str, stems: list[str]) -> None:
    assert [name for name, _ in planned_stems(parse_prompt(prompt))] == stems


def test_every_idiom_hides_a_word_and_is_none_itself() -> None:
    for idiom in library.word_lists().idioms:
        words = split_words(idiom)
        assert " ".join(words) == idiom
        assert any(term_length(words, at) for at in range(len(words))), idiom
        assert term_length(words, 0) != len(words), idiom
