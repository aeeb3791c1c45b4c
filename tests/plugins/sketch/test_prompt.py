"""What is understood of a prompt, and what is said about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._theory.keys import Key


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("piano in F# minor", Key(6, "minor")),
        ("jazz in Bb", Key(10)),
        ("rock, key of E", Key(4)),
        ("lofi, Am", Key(9, "minor")),
        ("d dorian funk", Key(2, "dorian")),
        ("C sharp minor trap", Key(1, "minor")),
        ("E♭ major", Key(3)),
        ("G harmonic minor", Key(7, "harmonic minor")),
        ("I am a lofi fan", None),
        ("something in a minor key", None),
        ("in Berlin", None),
        ("fm bass", None),
        ("vitamin b major", Key(11)),
    ],
)
def test_keys(prompt: str, key: Key | None) -> None:
    assert parse_prompt(prompt).key == key


@pytest.mark.parametrize(
    ("prompt", "bpm", "metre"),
    [
        ("house at 124 bpm", 124.0, None),
        ("92BPM boom bap", 92.0, None),
        ("tempo: 70, waltz", 70.0, (3, 4)),
        ("prog rock in 7/8", None, (7, 8)),
        ("808 drums", None, None),
        ("1999 bpm", None, None),
        ("12/8 blues 61.5 bpm", 61.5, (12, 8)),
    ],
)
def test_tempo_and_metre(prompt: str, bpm: float | None, metre: tuple[int, int] | None) -> None:
    wish = parse_prompt(prompt)
    assert (wish.bpm, wish.metre) == (bpm, metre)


@pytest.mark.parametrize("metre", ["4/5", "7/12", "0/4", "99/4", "3/0"])
def test_a_metre_that_cannot_be_is_not_known(metre: str) -> None:
    wish = parse_prompt(f"piano {metre}")
    assert (wish.metre, wish.unknown) == (None, [metre])


def test_of_two_metres_the_second_is_not_known() -> None:
    wish = parse_prompt("piano 7/8 then 4/4")
    assert wish.metre == (7, 8)
    assert "4/4" in wish.unknown


def test_the_longest_term_wins() -> None:
    wish = parse_prompt("Drum'n'bass with a synth bass")
    assert (wish.genres, wish.instruments, wish.parts) == (["drum_and_bass"], ["synth_bass"], [])


def test_words_used_and_words_not_known() -> None:
    wish = parse_prompt("dusty lo-fi drums, brushed snare, with flugelbinder")
    assert wish.used == ["dusty", "lo fi", "drums", "brushed snare"]
    assert wish.unknown == ["flugelbinder"]


def test_parts_that_are_not_wanted() -> None:
    assert decisions.part_kinds(parse_prompt("rock without drums, no lead")) == ["bass", "keys"]
    assert decisions.part_kinds(parse_prompt("no drums no bass no keys no lead")) == ["drums"]


def test_an_instrument_can_be_given_another_part() -> None:
    wish = parse_prompt("piano melody over a violin chords")
    assert wish.assigned == {"piano": "lead", "violin": "keys"}
    assert decisions.part_kinds(wish) == ["keys", "lead"]


def test_a_whole_band_around_a_named_instrument() -> None:
    assert decisions.part_kinds(parse_prompt("jazz band with trumpet")) == ["drums", "bass", "keys", "lead"]
    assert decisions.part_kinds(parse_prompt("jazz trumpet")) == ["lead"]


def test_moods_change_key_and_tempo() -> None:
    plain, sad = parse_prompt("pop"), parse_prompt("slow sad pop")
    assert decisions.choose_tempo(sad) < decisions.choose_tempo(plain)
    assert all(decisions.choose_key(sad, None, seed)[0].is_minor for seed in range(12))
    assert not any(
        decisions.choose_key(parse_prompt("happy pop"), None, seed)[0].is_minor for seed in range(12)
    )


def test_two_genres_meet() -> None:
    first, both = (
        decisions.choose_genre(parse_prompt("jazz")),
        decisions.choose_genre(parse_prompt("jazz reggae")),
    )
    assert both.harmony == first.harmony
    assert both.drums == decisions.choose_genre(parse_prompt("reggae")).drums


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read(text: str) -> None:
    wish = parse_prompt(text)
    assert decisions.part_kinds(wish)
    assert 20 <= decisions.choose_tempo(wish) <= 400
    numerator, denominator = decisions.choose_metre(wish)
    assert 1 <= numerator <= 31
    assert denominator in (2, 4, 8, 16)


@pytest.mark.parametrize(
    ("prompt", "genre", "instruments"),
    [
        ("rock bass", "rock", ["picked_bass"]),
        ("gospel organ", "gospel", ["organ"]),
        ("8-bit bass", "chiptune", ["square_bass"]),
        ("lofi rock guitar", "lofi", ["distorted_guitar"]),
        ("rock guitar, disco", "disco", ["distorted_guitar"]),
        ("warm upright bass", None, ["upright_bass"]),
        ("piano, no rock bass", None, ["piano"]),
    ],
)
def test_a_style_in_the_name_of_an_instrument_counts_where_no_other_is_named(
    prompt: str, genre: str | None, instruments: list[str]
) -> None:
    wish = parse_prompt(prompt)
    assert (wish.genre, wish.instruments) == (genre, instruments)
