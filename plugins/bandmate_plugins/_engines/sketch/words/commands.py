"""`bandmate words`."""

from __future__ import annotations

import click

from bandmate_protocol.texts import say


@click.command()
@click.argument("text", nargs=-1)
def words(text: tuple[str, ...]) -> None:
    """Find words that the embedded band understands.

    With TEXT, it shows the words nearest to it and what plays them. Without, it lists all of them, page by page.

    \b
    bandmate words horn
    bandmate words
    """
    from bandmate_plugins._engines.sketch.words import vocabulary

    if not text:
        click.echo_via_pager(vocabulary.vocabulary_text())
        return
    lines = vocabulary.search_lines(" ".join(text))
    if lines:
        click.echo("\n".join(lines))
    else:
        click.echo(say("No word is near {text!r}. `bandmate words` lists all.", text=" ".join(text)))
