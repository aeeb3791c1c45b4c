"""Measures the vocabulary: what the embedded band plays for words that people use.

python -m tests.measure.words_score

The words are those of tests/material/wanted_words.toml. For each it is told whether it is played as itself, as its
nearest (which the result says), or not at all; and for a style what makes it: tempo, feel, kit, bass, chords, lead.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import Genre
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt

_LIST = Path(__file__).parent.parent / "material" / "wanted_words.toml"


def wanted_words() -> dict[str, list[str]]:
    """Styles, instruments and manners."""
    return tomllib.loads(_LIST.read_text("utf-8"))


def how_played(wish: ParsedPrompt) -> str:
    """`itself`, `nearest` or `unknown`."""
    if wish.unknown or not wish.has_terms:
        return "unknown"
    return "nearest" if wish.stand_ins or wish.style_stand_ins else "itself"


def _feel(genre: Genre) -> str:
    swing = "straight" if genre.swing == 0.5 else f"1/{genre.swing_unit} swing {genre.swing:g}"
    return swing + ("" if genre.metre == "4/4" else f", {genre.metre}")


def _traits(wish: ParsedPrompt) -> list[str]:
    genre = decisions.choose_genre(wish)
    bass, keys, lead = (
        library.instruments()[line.instrument].title for line in (genre.bass, genre.keyboard, genre.lead)
    )
    figure = genre.bass.style if genre.bass.style != "pattern" else f"`{genre.bass.patterns[0]}`"
    chords = genre.harmony.minor[0] if "minor" in genre.keys[0] else genre.harmony.major[0]
    tempo = f"{genre.tempo[0]:g} to {genre.tempo[1]:g}"
    return [tempo, _feel(genre), genre.drums.kit, f"{bass}: {figure}", keys, lead, chords]


def main() -> None:
    """Prints the page."""
    counts: Counter[str] = Counter()
    print("| style | played | tempo | feel | kit | bass | chords by | lead | chords |")
    print("|---|---|---|---|---|---|---|---|---|")
    for word in wanted_words()["styles"]:
        wish = parse_prompt(word)
        counts[how_played(wish)] += 1
        print(f"| {word} | {how_played(wish)} | {' | '.join(_traits(wish))} |")
    print("\n| instrument or manner | played | by |\n|---|---|---|")
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
