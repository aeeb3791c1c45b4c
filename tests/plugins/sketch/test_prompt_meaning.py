"""Prompts as people write them: who plays, what is left out, how fast and how long."""

from __future__ import annotations

import pytest

from bandmate_plugins._engines.sketch.players.band import assemble_band
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._theory.musical_range import MusicalRange
from tests.plugins.sketch.conftest import timeline


def players(prompt: str) -> list[str]:
    return [name for name, _ in planned_stems(parse_prompt(prompt))]


@pytest.mark.parametrize(
    ("prompt", "stems"),
    [
        ("no vocals just a bassline in E, 16 bars", ["Electric bass"]),
        ("everything but the drums, funk", ["Slap bass", "Clean electric guitar", "Brass section"]),
        ("everything except drums and lead: disco", ["Electric bass", "Clean electric guitar"]),
        ("drumless lofi", ["Upright bass", "Electric piano", "Vibraphone"]),
        ("drum-free ambient", ["Sub bass", "Warm pad", "Bells"]),
        ("beatless ambient", ["Sub bass", "Warm pad", "Bells"]),
        ("rock band without guitar", ["Drums", "Picked bass", "Drawbar organ"]),
        ("rock band with no guitars", ["Drums", "Picked bass", "Drawbar organ"]),
        ("rock without drums, bass or lead", ["Distorted guitar"]),
        ("rock without drums, bass, or lead", ["Distorted guitar"]),
        ("rock without drums and bass", ["Distorted guitar", "Lead guitar"]),
        ("lofi, no drums, with piano", ["Piano"]),
        ("lofi without drums but with a nylon guitar", ["Nylon guitar"]),
        ("nothing but drums, techno", ["Drums"]),
        ("piano instead of guitar, rock band", ["Drums", "Picked bass", "Piano"]),
        ("mellow jazz w/o bass", ["Drums", "Piano", "Saxophone"]),
        ("salsa no brass", ["Drums", "Upright bass", "Piano"]),
        ("metal, without a guitar solo", ["Drums", "Picked bass", "Distorted guitar"]),
        ("no rock drums", ["Electric bass", "Piano", "Synth lead"]),
        ("not sad piano", ["Piano"]),
        ("no reverb piano", ["Piano"]),
        ("no kazoo drums", ["Drums"]),
        ("funk band minus keys", ["Drums", "Slap bass", "Brass section"]),
        ("just guitar", ["Acoustic guitar"]),
        ("palm muted guitar, metal", ["Distorted guitar"]),
        ("bossa nova guitar", ["Nylon guitar"]),
        ("acoustic guitar, metal", ["Acoustic guitar"]),
        ("country band, swap the guitar for a banjo", ["Drums", "Upright bass", "Banjo", "Violin"]),
        (
            "replace the drums with congas, funk band",
            ["Congas", "Slap bass", "Clean electric guitar", "Brass section"],
        ),
        ("no drums, drums only", ["Drums"]),
        ("please don't play any drums, funk", ["Slap bass", "Clean electric guitar", "Brass section"]),
        ("funk, avoid using the drums", ["Slap bass", "Clean electric guitar", "Brass section"]),
        ("piano ballad 4/4 70bpm", ["Piano"]),
        ("no acoustic, electric guitar instead", ["Clean electric guitar"]),
        ("electric not acoustic guitar", ["Clean electric guitar"]),
        ("not acoustic but electric guitar", ["Clean electric guitar"]),
        ("electric guitar, not acoustic", ["Clean electric guitar"]),
        ("no electric, acoustic guitar please", ["Acoustic guitar"]),
        ("electric rather than acoustic piano", ["Electric piano"]),
        ("electric bass instead of upright", ["Electric bass"]),
        ("upright not electric bass, jazz", ["Upright bass"]),
        ("clean not distorted guitar", ["Clean electric guitar"]),
        ("alto, tenor and baritone sax", ["Alto saxophone", "Saxophone", "Baritone saxophone"]),
        ("electric and acoustic guitar", ["Clean electric guitar", "Acoustic guitar"]),
        ("open and closed hats", ["Open hi-hat", "Hi-hat"]),
        ("wood block and alto flute", ["Woodblock", "Flute"]),
        ("rock, no bass guitar", ["Drums", "Picked bass", "Distorted guitar", "Lead guitar"]),
        ("deep, electric bass", ["Electric bass"]),
        ("percussion", ["Congas", "Shaker", "Tambourine"]),
        ("samba percussion", ["Shaker", "Tambourine", "Agogo", "Surdo"]),
        ("orchestral percussion", ["Taiko", "Timpani", "Concert bass drum", "Shaker"]),
        ("percussion, no shaker", ["Congas", "Tambourine"]),
        ("drums and percussion", ["Drums", "Congas", "Shaker", "Tambourine"]),
        ("no drums, just percussion", ["Congas", "Shaker", "Tambourine"]),
        ("rock, no percussion", ["Picked bass", "Distorted guitar", "Lead guitar"]),
        ("rock drums, just a tambourine", ["Tambourine"]),
        ("drums but only shaker and kick", ["Drums", "Shaker"]),
    ],
)
def test_what_is_ruled_out_does_not_play(prompt: str, stems: list[str]) -> None:
    assert players(prompt) == stems


@pytest.mark.parametrize(
    ("prompt", "stems"),
    [
        ("jazz trio", ["Drums", "Upright bass", "Piano"]),
        ("slow jazz trio with trumpet", ["Drums", "Upright bass", "Piano", "Trumpet"]),
        ("string quartet", ["Violin I", "Violin II", "Viola", "Cello"]),
        ("sad string quartet without viola", ["Violin I", "Violin II", "Cello"]),
        ("power trio", ["Drums", "Picked bass", "Guitar"]),
        ("solo piano", ["Piano"]),
        ("jazz quintet", ["Drums", "Upright bass", "Piano", "Trumpet", "Saxophone"]),
        ("organ trio, no drums", ["Jazz guitar", "Organ"]),
    ],
)
def test_an_ensemble_is_who_it_says(prompt: str, stems: list[str]) -> None:
    assert players(prompt) == stems


def test_an_orchestra_is_one() -> None:
    assert {"Violins I", "Violas", "Cellos", "Double basses", "Flute", "Horns"} <= set(
        players("orchestral trailer")
    )


def test_a_drum_that_is_ruled_out_leaves_the_kit() -> None:
    lines = {
        name
        for beats in decisions.choose_genre(parse_prompt("house without hi hats")).drums.beats
        for name in beats.lines
    }
    assert "kick" in lines
    assert not lines & {"hat", "open", "pedal"}


@pytest.mark.parametrize(
    "prompt",
    [
        "don't play any cymbals, rock drums",
        "rock drums, please don't use cymbals",
        "rock drums, never any cymbals",
    ],
)
def test_cymbals_that_are_not_wanted_are_not_played(prompt: str) -> None:
    drums = decisions.choose_genre(parse_prompt(prompt)).drums
    assert not {name for beats in drums.beats for name in beats.lines} & {"crash", "ride"}
    assert not drums.crash


def test_a_player_beside_a_group_is_as_loud_as_the_group() -> None:
    def levels(prompt: str) -> list[float]:
        when = timeline(4, 100, rate=24_000)
        music = MusicalRange.from_timeline(when)
        wish = parse_prompt(prompt)
        key, _ = decisions.choose_key(wish, when, 1)
        return [part.level for part in assemble_band(wish, music, key, 1).parts]

    *group, flute = levels("string quartet plus a flute")
    assert min(group) <= flute <= max(group)


def test_a_mood_that_is_ruled_out_is_its_opposite() -> None:
    def minor(prompt: str) -> set[bool]:
        wish = parse_prompt(prompt)
        return {decisions.choose_key(wish, None, seed)[0].is_minor for seed in range(8)}

    def character(prompt: str) -> decisions.MusicCharacter:
        return decisions.sum_moods(parse_prompt(prompt))

    assert minor("not sad pop") == {False}
    assert minor("sad pop") == {True}
    assert character("piano without reverb").room < 0 < character("piano with reverb").room
    assert character("piano with no swing").swing == 0.5
    assert character("not fast pop").tempo < 1 < character("fast pop").tempo


@pytest.mark.parametrize(
    ("prompt", "bpm", "bars", "seconds"),
    [
        ("16 bars of funk guitar", None, 16.0, None),
        ("eight-bar bassline, 100", 100.0, 8.0, None),
        ("four bar drum loop", None, 4.0, None),
        ("30 second pad", None, None, 30.0),
        ("2 minute song", None, None, 120.0),
        ("pop drums, first 2 bars only hihat", None, None, None),
        ("a minute of ambient", None, None, 60.0),
        ("12 bar blues", None, None, None),
        ("8 bars of 12 bar blues", None, 8.0, None),
        ("phonk drum loop 140", 140.0, None, None),
        ("bpm 120 rock drums", 120.0, None, None),
        ("techno 135", 135.0, None, None),
        ("techno 135, 16 bars", 135.0, 16.0, None),
        ("drums, bars 60 to 64, dry", None, None, None),
        ("jazz, swing 60", None, None, None),
        ("at 92, boom bap", 92.0, None, None),
        ("piano 16 bars in C# minor at 92 bpm", 92.0, 16.0, None),
        ("80s synth pop", None, None, None),
        ("no 808s, trap", None, None, None),
        ("4/4 house", None, None, None),
        ("808 drums", None, None, None),
        ("ninety bpm rock", 90.0, None, None),
        ("sixteen bars of funk", None, 16.0, None),
        ("twenty-four bars of funk", None, 24.0, None),
        ("twelve-bar blues", None, None, None),
        ("a hundred and twenty bpm house", 120.0, None, None),
        ("house at one twenty", 120.0, None, None),
        ("techno one thirty five", 135.0, None, None),
        ("tempo of one hundred and five, rock", 105.0, None, None),
        ("drums at one oh five", 105.0, None, None),
        ("eight bars at one hundred beats per minute, jazz", 100.0, 8.0, None),
        ("ninety seconds of ambient", None, None, 90.0),
        ("forty-five second pad", None, None, 45.0),
        ("four on the floor house", None, None, None),
        ("twelve string guitar and eight bit lead", None, None, None),
        ("hats in thirty-second notes", None, None, None),
        ("seven eight drums", None, None, None),
        ("swing at two", None, None, None),
    ],
)
def test_figures(prompt: str, bpm: float | None, bars: float | None, seconds: float | None) -> None:
    wish = parse_prompt(prompt)
    assert (wish.bpm, wish.bars, wish.seconds) == (bpm, bars, seconds)


@pytest.mark.parametrize(
    ("prompt", "first", "last"),
    [
        ("piano from bar five", 5, 0),
        ("piano in bars thirteen to twenty", 13, 20),
        ("piano from bar seventeen", 17, 0),
    ],
)
def test_bars_in_words_are_places(prompt: str, first: int, last: int) -> None:
    place = parse_prompt(prompt).part_bars["piano"]
    assert (place.first_bar, place.last_bar) == (first, last)


def heard(wish: ParsedPrompt) -> tuple[list[str], list[str]]:
    return wish.used, wish.unknown


def test_what_is_said_of_a_negation() -> None:
    assert heard(parse_prompt("funk, no vocals, no drums")) == (["funk", "no vocals", "no drums"], [])
    assert heard(parse_prompt("funk with vocals")) == (["funk"], ["vocals"])


@pytest.mark.parametrize("prompt", ["", "blorptronica at 120", "??", "in A minor"])
def test_terms_are_told_from_figures(prompt: str) -> None:
    assert not parse_prompt(prompt).has_terms


@pytest.mark.parametrize("prompt", ["gamelan drums", "no drums", "sad", "quartet"])
def test_one_known_word_is_enough(prompt: str) -> None:
    assert parse_prompt(prompt).has_terms
