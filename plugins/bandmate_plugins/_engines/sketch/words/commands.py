"""`bandmate words`."""

from __future__ import annotations

import click


@click.command()
def words() -> None:
    """List the words that the embedded engine understands."""
    from bandmate_plugins._engines.sketch.words import vocabulary

    for title, terms in vocabulary.vocabulary_lists():
        click.echo(click.wrap_text(f"{title}: {', '.join(terms)}.", subsequent_indent="  "))
