"""Styles that are variants of others: each is a style of its own, and has what makes it."""

from __future__ import annotations

import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import Genre
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.terms import fold_term
from bandmate_plugins._theory.chords import parse_numeral
from bandmate_plugins._theory.keys import parse_key
from tests.plugins.sketch.conftest import perform, timeline
from tests.plugins.sketch.genres import shared

VARIANTS = sorted(name for name, genre in library.genres().items() if genre.base)
OFFBEATS = (2, 6, 10, 14)
STEPS_OF_3_3_2 = {0, 3, 6}


def style(prompt: str) -> Genre:
    return decisions.choose_genre(parse_prompt(prompt))


def steps(line: str) -> set[int]:
    """The sixteenths of a bar that a line plays."""
    return {at for at, letter in enumerate(library.strip_spacing(line)[:16]) if letter not in "-_"}


def drum_steps(genre: Genre, drum: str) -> set[int]:
    return set().union(*(steps(beats.lines[drum]) for beats in genre.drums.beats if drum in beats.lines))


def traits(genre: Genre) -> tuple[object, ...]:
    return (
        genre.tempo, genre.metre, genre.swing, genre.keys, genre.harmony, genre.drums, genre.bass, genre.keyboard,
        genre.lead,
    )  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_differs_in_more_than_its_name(name: str) -> None:
    genre = library.genres()[name]
    others = [other for key, other in library.genres().items() if key != name]
    nearest = max(sum(map(traits(other).__contains__, traits(genre))) for other in others)
    assert nearest <= len(traits(genre)) - 2
    low, high = genre.tempo
    assert 40 <= low < high <= 250


@pytest.mark.parametrize("name", VARIANTS)
def test_its_chords_and_keys_can_be_read(name: str) -> None:
    genre = library.genres()[name]
    assert all(map(parse_key, genre.keys))
    for lines, key in ((genre.harmony.major, "C major"), (genre.harmony.minor, "A minor")):
        home = parse_key(key)
        assert home is not None
        assert all(parse_numeral(chord, home).intervals for line in lines for chord in line.split())


def test_what_makes_them() -> None:
    ska = style("ska")
    assert all(steps(pattern) == set(OFFBEATS) for pattern in ska.keyboard.patterns)
    assert (ska.bass.style, ska.lead.instrument) == ("walking", "brass")
    assert 110 < sum(ska.tempo) / 2 < 150
    garage = style("uk garage")
    assert 128 <= garage.tempo[0] < garage.tempo[1] <= 138
    assert garage.swing > 0.55
    assert not {4, 8, 12} & drum_steps(garage, "kick"), "the kick skips the beats"
    assert {step % 8 for step in drum_steps(style("reggaeton"), "snare")} | {0} >= STEPS_OF_3_3_2
    assert {0, 4, 8, 12} <= drum_steps(style("reggaeton"), "kick")
    grunge = style("grunge")
    assert sum(grunge.tempo) < sum(style("punk").tempo) - 40
    assert grunge.keyboard.power
    amapiano = style("amapiano")
    assert 108 <= amapiano.tempo[0] < amapiano.tempo[1] <= 116
    assert sum(len(beats.lines["shaker"]) > 0 for beats in amapiano.drums.beats) == 2
    assert style("tango").lead.instrument == "bandoneon"
    assert style("jungle").tempo[0] >= 155
    assert style("doom metal").tempo[1] < 80 < style("death metal").tempo[0]
    assert drum_steps(style("death metal"), "kick") == set(range(16))
    assert {tuple(sorted(steps(one))) for one in style("psytrance").bass.patterns} == {
        (1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15)
    }
    assert style("dixieland").bass.instrument == "tuba"
    assert style("bluegrass").keyboard.instrument == "banjo"
    assert style("progressive rock").metre == "7/8"


@pytest.mark.parametrize(
    ("prompt", "genre", "metre"),
    [
        ("waltz", "waltz", (3, 4)),
        ("jig", "celtic", (6, 8)),
        ("polka", "polka", (2, 4)),
        ("lofi waltz", "lofi", (3, 4)),
        ("slow gospel", "gospel", (4, 4)),
    ],
)
def test_dances_are_styles_with_their_metre(prompt: str, genre: str, metre: tuple[int, int]) -> None:
    wish = parse_prompt(prompt)
    assert (wish.genre, decisions.choose_metre(wish)) == (genre, metre)


def test_a_style_gives_a_band_of_its_own() -> None:
    assert [name for name, _ in planned_stems(parse_prompt("ska"))] == [
        "Drums", "Electric bass", "Clean electric guitar", "Brass section",
    ]  # fmt: skip


STAND_INS = [(term, name) for name, genre in library.genres().items() for term in genre.stands_in_for]


@pytest.mark.parametrize(("term", "name"), STAND_INS)
def test_a_style_that_no_file_has_is_played_as_its_nearest(term: str, name: str) -> None:
    wish = parse_prompt(term)
    assert (wish.genre, wish.style_stand_ins, wish.unknown) == (name, {fold_term(term): name}, [])


def test_the_result_says_what_is_played_instead() -> None:
    played = perform(shared(), "gamelan", timeline(2, rate=24_000))
    assert "gamelan: played as Minimal music." in played.remarks
