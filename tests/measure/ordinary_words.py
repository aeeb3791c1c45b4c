"""Collects the English words that a misspelled word of the vocabulary could be taken for.

`python -m tests.measure.ordinary_words WORDS` reads a list of English words, one a line (Debian's package
`wamerican-large`), and writes those that are near to a word of the vocabulary into the embedded band's library. Run it
after words were added to the vocabulary; it takes minutes.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.terms import all_terms, fold_term
from bandmate_plugins._engines.sketch.words.typos import near_known_words

LISTED = Path(library.__file__).with_name("ordinary_words.txt")
_HEAD = """\
# English words that are spelled like words of the vocabulary, and are not taken for them.
# Made by tests/measure/ordinary_words.py from SCOWL (Debian's wamerican-large), which NOTICE names.
"""


@click.command()
@click.argument("words", type=click.Path(exists=True, path_type=Path))
def main(words: Path) -> None:
    """Writes the list."""
    known = {word for term in all_terms() for word in term.split()}
    english = {fold_term(line.removesuffix("'s")) for line in words.read_text("utf-8").splitlines()}
    near = sorted(word for word in english if word not in known and near_known_words(word))
    LISTED.write_text(_HEAD + "\n".join(textwrap.wrap(" ".join(near), 118)) + "\n", encoding="utf-8")
    click.echo(f"{len(near)} words")


if __name__ == "__main__":
    main()
