"""Prompts that new users typed, and some more: who plays, what is told to be unknown, and what is refused."""

from __future__ import annotations

import pytest

from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.refusal import refuse_unknown
from bandmate_protocol.errors import RequestError

BAND = ["Drums", "Electric bass", "Piano", "Synth lead"]


@pytest.mark.parametrize(
    ("prompt", "stems", "unknown"),
    [
        ("just hi hats, nothing else", ["Hi-hat"], []),
        ("reverse cymbal swell", ["Reverse cymbal"], []),
        ("phonk drum loop 140", ["Drums"], []),
        (
            "batería de rock a 120",
            ["Drums", "Picked bass", "Distorted guitar", "Lead guitar"],
            ["bateria", "de"],
        ),
        ("2 minute song", BAND, []),
        ("piano with no swing", ["Piano"], []),
        ("muted trumpet", ["Muted trumpet"], []),
        ("amapiano log drum", ["Log drum"], []),
        ("gated snare", ["Electric snare"], []),
        ("study beat", ["Drums", "Upright bass", "Electric piano", "Vibraphone"], []),
        ("lo fi beat to study to", ["Drums", "Upright bass", "Electric piano", "Vibraphone"], []),
        ("Drums only!!! 174bpm dnb", ["Drums"], []),
        ("trap with bells", ["Bells"], []),
        ("Dm7 G7 Cmaj7", BAND, []),
        ("electric guitar, not acoustic, over soft drums", ["Drums", "Clean electric guitar"], []),
        ("drums but only kick and clap", ["Drums", "Claps"], []),
        ("ninety bpm reggae, one drop", ["Drums", "Electric bass", "Drawbar organ", "Trombone"], []),
        ("brushed jazz kit with walking bass", ["Drums", "Upright bass"], []),
        ("two electric guitars", ["Clean electric guitar", "Clean electric guitar 2"], []),
        # A guitarist, a beatmaker, a choir leader and a film composer.
        ("clean chorus guitar arpeggio in E minor", ["Clean electric guitar"], []),
        ("crunchy guitar, palm muted", ["Distorted guitar"], []),
        ("guitar with power chords", ["Distorted guitar"], []),
        ("blues in A, 12 bars, no guitar so I can solo", ["Drums", "Electric bass", "Piano"], []),
        ("backing track for soloing, rock", ["Drums", "Picked bass", "Distorted guitar"], []),
        ("rock drums for me to rap over", ["Drums"], []),
        ("trap hi hats with rolls and 808 slides", ["Hi-hat", "808"], ["rolls", "slides"]),
        (
            "rock with tambourine and clap",
            ["Drums", "Tambourine", "Claps", "Picked bass", "Distorted guitar", "Lead guitar"],
            [],
        ),
        ("children's choir with piano accompaniment", ["Choir", "Piano"], []),
        ("soprano solo with strings", ["Strings"], ["soprano solo"]),
        ("low brass and high hats", ["Hi-hat", "Brass section"], []),
        ("high energy techno", ["Drums", "Acid bass", "Warm pad", "Synth pluck"], ["high", "energy"]),
        ("chase scene percussion", ["Taiko", "Timpani", "Concert bass drum", "Gong"], []),
        ("guitarr solo over rck drums", ["Drums", "Lead guitar"], []),
        ("funk band, brass section", ["Drums", "Slap bass", "Clean electric guitar", "Brass section"], []),
        ("disco without the octave bass", ["Drums", "Electric bass", "Clean electric guitar", "Violin"], []),
        ("jazz without the walking bass", ["Drums", "Upright bass", "Piano", "Saxophone"], []),
        ("house, no annoying cowbell", ["Drums", "Synth bass", "Drawbar organ", "Synth pluck"], ["annoying"]),
        ("latin percussion at one ten", ["Cowbell", "Claves", "Guiro", "Congas", "Timbales"], []),
        ("bass and drums only", ["Drums", "Electric bass"], []),
        ("sax solo over Dm7 G7", ["Saxophone"], []),
        ("pizzicato strings, no drums please", ["Strings"], []),
        ("acosutic guitar", ["Acoustic guitar"], []),
        ("80s synth bass arpeggio", ["Synth bass"], []),
        ("trumpet section", ["Trumpet"], ["section"]),
        ("choir ahhs", ["Choir"], []),
        ("cinematic percussion, build up", ["Taiko", "Timpani", "Concert bass drum", "Shaker"], []),
    ],
)
def test_what_people_type(prompt: str, stems: list[str], unknown: list[str]) -> None:
    wish = parse_prompt(prompt)
    refuse_unknown(prompt, wish, anyway=False)
    assert [name for name, _ in planned_stems(wish)] == stems
    assert wish.unknown == unknown


@pytest.mark.parametrize(
    "prompt",
    [
        "C",
        "ride into the sunset",
        "kick back",
        "悲しいピアノ",
        "trauriges Klavier in d-Moll",
        "make it sound like a rainy day",
        "electirc",
    ],
)
def test_what_nobody_understands_is_refused(prompt: str) -> None:
    with pytest.raises(RequestError):
        refuse_unknown(prompt, parse_prompt(prompt), anyway=False)


def test_a_room_for_a_soloist_is_no_louder_band() -> None:
    wish = parse_prompt("reggae band so I can solo over it")
    assert (wish.without, wish.loudness.level_lu) == ({"lead"}, 0.0)


@pytest.mark.parametrize(("words", "manner"), [("high strings", "octave_up"), ("low piano", "octave_down")])
def test_a_register_is_that_of_the_instrument_after_it(words: str, manner: str) -> None:
    wish = parse_prompt(f"drums and {words}")
    assert [(one.name, one.on) for one in wish.manners] == [(manner, words.split()[1])]
