"""The files that musicians write: complete, consistent, and each word in one place only."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.sound import levels
from bandmate_plugins._engines.sketch.words import vocabulary
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.terms import fold_term
from bandmate_plugins._theory.chords import parse_numeral
from bandmate_plugins._theory.keys import parse_key

GENRES = sorted(library.genres())
INSTRUMENTS = sorted(library.instruments())


def test_there_are_enough_of_them() -> None:
    assert len(GENRES) >= 16
    assert len(INSTRUMENTS) >= 32
    assert len(library.kits()) >= 8


@pytest.mark.parametrize("name", GENRES)
def test_a_genre_can_be_played(name: str) -> None:
    genre = library.genres()[name]
    assert genre.tempo[0] < genre.tempo[1]
    keys = [parse_key(key) for key in genre.keys]
    assert all(keys)
    for key in ("C major", "A minor", "D dorian"):
        for line in (*genre.harmony.major, *genre.harmony.minor):
            for text in line.split():
                parsed = parse_key(key)
                assert parsed is not None
                assert parse_numeral(text, parsed).intervals
    kit = library.kits()[genre.drums.kit]
    lines = [line for beats in genre.drums.beats for line in beats.lines.items()]
    for drum, pattern in lines:
        assert drum in DRUM_PITCHES
        assert drum in kit.drums
        assert len(library.strip_spacing(pattern)) in (16, 32), (drum, pattern)
        assert set(library.strip_spacing(pattern)) <= set("Xxog?-"), (drum, pattern)
    for fill in genre.drums.fills:
        assert len({len(library.strip_spacing(pattern)) for pattern in fill.values()}) == 1, fill
        assert all(
            len(library.strip_spacing(pattern)) % 4 == 0 and drum in kit.drums
            for drum, pattern in fill.items()
        )
    for line, letters in ((genre.bass, "xXo5367a"), (genre.keyboard, "xXbt12345678"), (genre.lead, "xX")):
        assert line.instrument in library.instruments()
        assert line.patterns or line.style in ("kick", "walking", "pad")
        for pattern in line.patterns:
            assert len(library.strip_spacing(pattern)) in (16, 32), pattern
            assert set(library.strip_spacing(pattern)) <= set(letters + "_-"), pattern


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_instrument_can_be_asked_for_by_each_of_its_words(name: str) -> None:
    instrument = library.instruments()[name]
    assert instrument.low + 24 <= instrument.high
    assert instrument.part in ("bass", "keys", "lead")
    for word in instrument.words:
        assert parse_prompt(word).instruments == [name], word


@pytest.mark.parametrize("name", GENRES)
def test_a_genre_can_be_asked_for_by_each_of_its_words(name: str) -> None:
    for word in library.genres()[name].words:
        assert parse_prompt(word).genres == [name], word


def test_no_word_means_two_things() -> None:
    vocabulary = library.word_lists()
    tables = [vocabulary.parts, vocabulary.metres]
    terms = [term for table in tables for terms in table.values() for term in terms]
    for things in (
        library.genres(),
        library.instruments(),
        library.kits(),
        library.single_drums(),
        vocabulary.moods,
    ):
        terms += [term for thing in things.values() for term in thing.words]
    counted = Counter(fold_term(term) for term in terms)
    assert [term for term, count in counted.items() if count > 1] == []


def test_every_kit_can_play_every_style() -> None:
    wanted = {
        name for genre in library.genres().values() for beat in genre.drums.beats for name in beat.lines
    } | {name for genre in library.genres().values() for fill in genre.drums.fills for name in fill}
    for title, kit in library.kits().items():
        assert wanted <= set(kit.drums), title


def test_a_field_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="swnig"):
        msgspec.toml.decode(b'title = "x"\nwords = []\nswnig = 0.6', type=library.Genre)


def test_the_measured_levels_are_those_of_the_sounds() -> None:
    now = levels.measure_all()
    for name, (pitches, rows) in now["instruments"].items():
        for pitch, row, kept in zip(
            pitches, rows, levels._measured_levels()["instruments"][name][1], strict=True
        ):
            assert row == pytest.approx(kept, abs=0.3), (name, pitch)
    for kit, drums in now["kits"].items():
        assert drums == pytest.approx(levels._measured_levels()["kits"][kit], abs=0.3), kit


def test_the_page_lists_the_whole_vocabulary() -> None:
    page = (Path(__file__).parents[3] / "docs" / "vocabulary.md").read_text("utf-8")
    assert vocabulary.update_page(page) == page, (
        "run python -m bandmate_plugins._engines.sketch.words.vocabulary"
    )
    assert f"| `{GENRES[0]}` |" in page


def test_the_genre_on_the_page_can_be_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sketch.md").read_text("utf-8")
    start = page.index("    title =")
    written = "\n".join(line[4:] for line in page[start : page.index("\nA pattern has")].splitlines())
    whole = tomllib.loads(written)
    genres = resources.files("bandmate_plugins._engines.sketch.library") / "genres"
    known = tomllib.loads((genres / "lofi.toml").read_text("utf-8"))
    assert msgspec.convert({**known, **whole}, library.Genre).swing == 0.58


def test_every_word_that_is_listed_is_understood() -> None:
    listed = dict(vocabulary.vocabulary_lists())
    assert len(listed) == 12
    for title, terms in listed.items():
        assert terms, title
        assert [term for term in terms if parse_prompt(term).unknown] == [], title
    run = subprocess.run(
        [sys.executable, "-m", "bandmate_plugins", "words"], capture_output=True, text=True, check=True
    )
    for title, terms in listed.items():
        (told,) = [
            line for line in run.stdout.replace("\n  ", " ").splitlines() if line.startswith(title + ":")
        ]
        assert told == f"{title}: {', '.join(terms)}."
