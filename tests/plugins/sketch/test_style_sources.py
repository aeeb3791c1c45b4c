"""Public pages say what makes each style that is asked for, and their tempos overlap with the band's."""

from __future__ import annotations

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import Genre
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from tests.material.wanted_styles import contradictions, source_agrees, style_sources, wanted_words

EIGHTHS_OFF_THE_BEAT = {2, 6, 10, 14}
SON_CLAVE = {0, 3, 6, 10, 12}
DIFFERS = {"funk", "punk"}
"""Told of in docs/measured/words.md."""


def style(prompt: str) -> Genre:
    return decisions.choose_genre(parse_prompt(prompt))


def steps(pattern: str, letters: str) -> set[int]:
    """The sixteenths of a bar at which one of the letters stands."""
    return {at for at, letter in enumerate(library.strip_spacing(pattern)[:16]) if letter in letters}


def drum_steps(genre: Genre, drum: str) -> list[set[int]]:
    """By beat of the drummer, the sixteenths that a drum plays."""
    return [steps(beats.lines[drum], "xXo") for beats in genre.drums.beats]


def test_each_wanted_style_has_a_source_with_an_address() -> None:
    found = style_sources()
    assert set(found.styles) == set(wanted_words()["styles"])
    assert {source.page for source in found.styles.values()} <= set(found.pages)
    assert all(address.startswith(("https://", "http://")) for _, address in found.pages.values())
    assert all(source.tempo or source.says for source in found.styles.values())


def test_the_tempos_of_styles_overlap_with_their_sources() -> None:
    genres = {word: style(word) for word in style_sources().styles}
    apart = {
        word
        for word, source in style_sources().styles.items()
        if source_agrees(source, genres[word]) is False
    }
    assert apart == DIFFERS


def test_no_style_contradicts_its_source_in_swing_metre_or_mode() -> None:
    genres = {word: style(word) for word in style_sources().styles}
    found = {
        word: contradictions(source, genres[word])
        for word, source in style_sources().styles.items()
        if contradictions(source, genres[word])
    }
    assert found == {}


def test_surf_drummers_strike_twice_on_2_and_once_on_4() -> None:
    assert drum_steps(style("surf rock"), "snare") == [{4, 6, 12}] * 2


def test_a_flamenco_guitar_accents_1_the_upbeat_of_2_and_4() -> None:
    assert all(steps(pattern, "X") == {0, 6, 12} for pattern in style("flamenco").keyboard.patterns)


def test_the_bell_of_highlife_plays_the_clave() -> None:
    assert drum_steps(style("highlife"), "agogo") == [SON_CLAVE] * 2


def test_a_mariachi_plays_a_ranchera_bass_on_the_beat_and_guitars_off_it() -> None:
    genre = style("mariachi")
    assert all(steps(pattern, "X5") == {0, 4, 8, 12} for pattern in genre.bass.patterns)
    assert all(steps(pattern, "x") >= EIGHTHS_OFF_THE_BEAT for pattern in genre.keyboard.patterns)
    assert (genre.bass.instrument, genre.keyboard.instrument) == ("upright_bass", "nylon_guitar")


def test_hard_rock_plays_power_chords_without_minor_ones_in_major() -> None:
    genre = style("hard rock")
    assert genre.keyboard.power
    assert {"IV"} <= set.intersection(*(set(line.split()) for line in genre.harmony.major))
    assert not {"ii", "iii", "vi"} & {chord for line in genre.harmony.major for chord in line.split()}
