"""Measures the vocabulary: what the embedded band plays for words that people use.

python -m tests.measure.words_score

The words are those of tests/material/wanted_words.toml. For each it is told whether it is played as itself, as its
nearest (which the result says), or not at all; and for a style what makes it: tempo, feel, kit, bass, chords, lead.
What public pages say of the styles is in tests/material/style_sources.toml.
"""

from __future__ import annotations

from collections import Counter

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import Genre
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from tests.material.wanted_styles import source_agrees, style_sources, wanted_words


def how_played(wish: ParsedPrompt) -> str:
    """`itself`, `nearest` or `unknown`."""
    if wish.unknown or not wish.has_terms:
        return "unknown"
    return "nearest" if wish.stand_ins or wish.style_stand_ins else "itself"


def _feel(genre: Genre) -> str:
    swing = "straight" if genre.swing == 0.5 else f"1/{genre.swing_unit} swing {genre.swing:g}"
    return swing + ("" if genre.metre == "4/4" else f", {genre.metre}")


def _players(wish: ParsedPrompt, genre: Genre) -> tuple[str, str, str]:
    """Who plays bass, chords and lead: the seats of a group, or the band of the style."""
    if wish.ensemble is None:
        band = (genre.bass, genre.keyboard, genre.lead)
        bass, keys, lead = (library.instruments()[line.instrument].title for line in band)
        return bass, keys, lead
    seats = library.ensembles()[wish.ensemble].seats
    parts = ({"bass"}, {"chords", "piano", "voice"}, {"melody"})
    bass, keys, lead = (", ".join(seat.title for seat in seats if seat.plays in part) for part in parts)
    return bass, keys, lead


def _kit(wish: ParsedPrompt, genre: Genre) -> str:
    """The drum kit of a style; a group may have none."""
    seats = library.ensembles()[wish.ensemble].seats if wish.ensemble else ()
    return genre.drums.kit if not seats or any(seat.plays == "drums" for seat in seats) else "none"


def _traits(wish: ParsedPrompt) -> list[str]:
    genre = decisions.choose_genre(wish)
    bass, keys, lead = _players(wish, genre)
    figure = genre.bass.style if genre.bass.style != "pattern" else f"`{genre.bass.patterns[0]}`"
    chords = genre.harmony.minor[0] if "minor" in genre.keys[0] else genre.harmony.major[0]
    tempo = f"{genre.tempo[0]:g} to {genre.tempo[1]:g}"
    return [tempo, _feel(genre), _kit(wish, genre), f"{bass}: {figure}", keys, lead, chords]


def _print_sources() -> None:
    found, styles = style_sources(), wanted_words()["styles"]
    agreed = []
    print(
        "| style | its tempo here | the source's | overlap | the source says | source |\n|---|---|---|---|---|---|"
    )
    for word in styles:
        source = found.styles[word]
        genre = decisions.choose_genre(parse_prompt(word))
        agreed.append(source_agrees(source, genre))
        told = " to ".join(f"{bpm:g}" for bpm in dict.fromkeys(source.tempo or ()))
        told += " (counted twice as fast)" if source.felt != 1.0 else ""
        title, address = found.pages[source.page]
        here = f"{genre.tempo[0]:g} to {genre.tempo[1]:g}"
        mark = {True: "yes", False: "**no**", None: ""}[agreed[-1]]
        print(f"| {word} | {here} | {told} | {mark} | {source.says} | [{title}]({address}) |")
    print(f"\nEach of the {len(agreed)} styles has a source. {agreed.count(True)} of the ", end="")
    print(f"{len(agreed) - agreed.count(None)} tempos overlap with it.\n")


def main() -> None:
    """Prints the page."""
    counts: Counter[str] = Counter()
    print("| style | played | tempo | feel | kit | bass | chords by | lead | chords |")
    print("|---|---|---|---|---|---|---|---|---|")
    for word in wanted_words()["styles"]:
        wish = parse_prompt(word)
        counts[how_played(wish)] += 1
        print(f"| {word} | {how_played(wish)} | {' | '.join(_traits(wish))} |")
    print()
    _print_sources()
    print("| instrument or manner | played | by |\n|---|---|---|")
    for word in (*wanted_words()["instruments"], *wanted_words()["manners"]):
        wish = parse_prompt(word)
        counts[how_played(wish)] += 1
        print(f"| {word} | {how_played(wish)} | {', '.join(name for name, _ in planned_stems(wish))} |")
    total = sum(counts.values())
    print(
        f"\n{total} words: {counts['itself']} played as themselves, {counts['nearest']} as their nearest, ",
        end="",
    )
    print(f"{counts['unknown']} not known.")


if __name__ == "__main__":
    main()
