"""Every word of the vocabulary does something: alone and in contexts, what is played differs from its absence."""

from __future__ import annotations

from typing import Any

import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.players import band as bands
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.terms import Meaning, all_terms
from bandmate_plugins._theory.musical_range import MusicalRange
from tests.plugins.sketch.conftest import timeline

CONTEXTS = ("{}", "rock band, {}", "{} piano", "funk {} without drums")
MEANINGS = sorted({(meaning.kind, meaning.name) for meaning in all_terms().values()})


def first_term(meaning: tuple[str, str]) -> str:
    return next(term for term, one in all_terms().items() if one == Meaning(*meaning))


def played(prompt: str) -> tuple[Any, ...]:
    """All that is decided for a prompt, and the notes of two bars."""
    wish = parse_prompt(prompt)
    (numerator, denominator), bpm = decisions.choose_metre(wish), decisions.choose_tempo(wish)
    when = timeline(480 * numerator / denominator / bpm, bpm, (numerator, denominator), 24_000)
    music = MusicalRange.from_timeline(when)
    key, _ = decisions.choose_key(wish, when, 1)
    band = bands.assemble_band(wish, music, key, 1)
    parts = [(part.name, part.sound_name, part.instrument, part.kit, part.level) for part in band.parts]
    notes = NoteWriter(band, music).write_until(when.frames)
    chart = band.chart
    return (
        key, bpm, (numerator, denominator), parts, notes, band.character, chart.swing, chart.half_time, wish.sound,
        chart.genre.mix,
    )  # fmt: skip


def is_there(kind: str, name: str, context: str) -> bool:
    """Whether a context has already what a word asks for."""
    wish = parse_prompt(context.format(""))
    genre = decisions.choose_genre(wish)
    kinds = decisions.part_kinds(wish)
    if kind == "genre":
        return wish.genres in ([name], [] if name == decisions.FALLBACK else None)
    if kind == "part":
        return (
            name in kinds
            or (name == "band" and len(kinds) > 1)
            or (name == "drums" and "drums" in wish.without)
        )
    if kind == "kit":
        return "drums" in wish.without or ("drums" in kinds and genre.drums.kit == name)
    if kind == "drum":
        single = library.single_drums()[name]
        kit = {line for beats in genre.drums.beats for line in beats.lines}
        in_kit = single.in_kit and "drums" in kinds and not single.replaces and set(single.lines) <= kit
        return "drums" in wish.without or in_kit
    if kind == "instrument":
        lines = {"bass": genre.bass, "keys": genre.keyboard, "lead": genre.lead}
        return name in wish.instruments or name in {
            lines[one].instrument for one in kinds if one in lines and not wish.instruments
        }
    return False


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", sorted({kind for kind, _ in MEANINGS} - {"absent"}))
def test_a_word_changes_what_is_played(kind: str, context: str) -> None:
    before = played(context.format(""))
    silent = [
        first_term((kind, name))
        for each, name in MEANINGS
        if each == kind
        and not is_there(kind, name, context)
        and played(context.format(first_term((kind, name)))) == before
    ]
    assert silent == []


def test_every_term_is_read_as_what_it_is() -> None:
    wrong = [
        term for term, meaning in all_terms().items() if meaning.kind != "absent" and term not in _echo(term)
    ]
    assert wrong == []


def _echo(term: str) -> list[str]:
    return parse_prompt(term).used
