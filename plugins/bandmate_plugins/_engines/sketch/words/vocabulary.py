"""The vocabulary as Markdown, from the files themselves.

`python -m bandmate_plugins._engines.sketch.words.vocabulary` writes the tables into docs/vocabulary.md,
between two marks; a test fails when the page is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.words.search import search_words
from bandmate_plugins._engines.sketch.words.terms import fold_term

TABLES_BEGIN, TABLES_END = "<!-- vocabulary -->", "<!-- end of vocabulary -->"


def vocabulary_tables() -> str:
    """All tables."""
    return "\n".join(
        [
            *_genre_table(),
            *_ensemble_table(),
            *_instrument_table(),
            *_kit_table(),
            *_drum_table(),
            *_other_table(),
        ]
    )


_KINDS = {
    "genre": "style",
    "mood": "mood",
    "manner": "manner of playing",
    "instrument": "instrument",
    "part": "part",
    "kit": "drum kit",
    "drum": "drum",
    "metre": "metre",
    "sound": "sound",
    "ensemble": "ensemble",
    "absent": "not played by the band; can be ruled out",
}


def search_lines(text: str) -> list[str]:
    """What a search for a word shows, a line for each term; empty where nothing is near."""
    found = search_words(text)
    width = max((len(one.term) for one in found), default=0)
    lines = []
    for one in found:
        other = "" if fold_term(one.played_by) == one.term else f": {one.played_by}"
        lines.append(f"{one.term:{width}}  {_KINDS[one.meaning.kind]}{other}")
    return lines


def vocabulary_text() -> str:
    """All words, a paragraph for each kind."""
    paragraphs = (
        click.wrap_text(f"{title}: {', '.join(terms)}.", subsequent_indent="  ")
        for title, terms in vocabulary_lists()
    )
    return "\n\n".join(paragraphs) + "\n"


def vocabulary_lists() -> Iterator[tuple[str, list[str]]]:
    """All words, by what they are words for."""
    words = library.word_lists()
    tables = {
        "Styles": [genre.words for genre in library.genres().values()],
        "Ensembles": [group.words for group in library.ensembles().values()],
        "Instruments": [one.words for one in library.instruments().values()],
        "Played by the nearest instrument": [one.stands_in_for for one in library.instruments().values()],
        "Played as the nearest style": [one.stands_in_for for one in library.genres().values()],
        "Drum kits": [kit.words for kit in library.kits().values()],
        "Drums": [one.words for one in library.single_drums().values()],
        "Moods and feels": [mood.words for mood in words.moods.values()],
        "Manners of playing": [manner.words for manner in words.manners.values()],
        "Parts": words.parts.values(),
        "Metres": words.metres.values(),
        "Sounds": words.sounds.values(),
    }
    for title, groups in tables.items():
        yield title, [term for terms in groups for term in terms]


def update_page(page: str) -> str:
    """A page with the tables of today between its marks."""
    before, _, rest = page.partition(TABLES_BEGIN)
    _, _, after = rest.partition(TABLES_END)
    return f"{before}{TABLES_BEGIN}\n{vocabulary_tables()}\n{TABLES_END}{after}"


def _genre_table() -> Iterator[str]:
    yield "## Genres\n"
    yield "| file | words | stands in for | tempo | feel | home keys |"
    yield "|---|---|---|---|---|---|"
    for name, genre in library.genres().items():
        feel = "straight" if genre.swing == 0.5 else f"1/{genre.swing_unit} swing {genre.swing:g}"
        feel += "" if genre.metre == "4/4" else f", {genre.metre}"
        tempo = f"{genre.tempo[0]:g} to {genre.tempo[1]:g}"
        words = f"{', '.join(genre.words)} | {', '.join(genre.stands_in_for)}"
        yield f"| `{name}` | {words} | {tempo} | {feel} | {', '.join(genre.keys)} |"
    yield ""


def _ensemble_table() -> Iterator[str]:
    yield "## Ensembles\n"
    yield "| words | players | style |"
    yield "|---|---|---|"
    for group in library.ensembles().values():
        players = ", ".join(seat.title for seat in group.seats)
        yield f"| {', '.join(group.words)} | {players} | `{group.genre}` |"
    yield ""


def _instrument_table() -> Iterator[str]:
    yield "## Instruments\n"
    yield "| file | words | stands in for | plays | synthesis |"
    yield "|---|---|---|---|---|"
    kinds = {
        "SubtractivePatch": "subtractive",
        "FmPatch": "FM",
        "AdditivePatch": "additive",
        "StringPatch": "Karplus-Strong string",
    }
    for name, one in library.instruments().items():
        words = f"{', '.join(one.words)} | {', '.join(one.stands_in_for)}"
        yield f"| `{name}` | {words} | {one.part} | {kinds[type(one.sound).__name__]} |"
    yield ""


def _kit_table() -> Iterator[str]:
    yield "## Drum kits\n"
    yield "| file | words |"
    yield "|---|---|"
    for name, kit in library.kits().items():
        yield f"| `{name}` | {', '.join(kit.words)} |"
    yield ""


def _drum_table() -> Iterator[str]:
    yield "## Single drums\n"
    yield "| stem | words | notes |"
    yield "|---|---|---|"
    for drum in library.single_drums().values():
        keys = sorted({DRUM_PITCHES[name] for name in drum.drums})
        notes = "in the key" if drum.instrument else ", ".join(map(str, keys))
        yield f"| {drum.title} | {', '.join(drum.words)} | {notes} |"
    yield ""


def _other_table() -> Iterator[str]:
    words = library.word_lists()
    yield "## Moods, feels, parts and metres\n"
    yield "| it | words |"
    yield "|---|---|"
    for title, table in (
        ("mood", {name: mood.words for name, mood in words.moods.items()}),
        ("manner", {name: manner.words for name, manner in words.manners.items() if manner.words}),
        ("part", words.parts),
        ("metre", words.metres),
        ("sound", words.sounds),
    ):
        for name, terms in table.items():
            yield f"| {title} `{name}` | {', '.join(terms)} |"
    yield ""


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/vocabulary.md")
    path.write_text(update_page(path.read_text("utf-8")), encoding="utf-8", newline="\n")
