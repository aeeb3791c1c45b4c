"""`--chords`: a chart on the command line or in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bandmate_bridge.cli.options.text_file import read_text_option

Command = Callable[..., Any]
_CHART_ENDINGS = frozenset({".cho", ".chopro", ".chordpro", ".crd"})
"""The usual names of ChordPro files; others are named with an @ before them."""


def chords_option(command: Command) -> Command:
    """The chords that are played."""
    return click.option(
        "--chords",
        metavar="CHART|@FILE",
        help='Chords, one a bar: "Am F C G", "| Am | F G |", "ii7 V7 I" in a key, or a file: ChordPro, ABC, MusicXML. '
        "They repeat until the range ends.",
    )(command)


def take_chords(options: dict[str, Any]) -> dict[str, Any]:
    """Takes the option out of what click gave: the parameter of the task, or nothing.

    Raises click.UsageError for a file that cannot be read, and RequestError (`bad_params`, `file_unusable`) for a
    chart or a score that cannot.
    """
    from bandmate_bridge.requests.given_score import is_score_file, read_score_file, score_chart
    from bandmate_plugins._theory.chord_chart import read_chord_chart

    given = options.pop("chords", None)
    if given is None:
        return {}
    text = str(given)
    if text.startswith("@"):
        text = read_text_option(Path(text[1:]), "The chords")
    elif is_score_file(Path(text)):
        file = Path(text)
        score = read_score_file(file)
        text = score_chart(score, file.name)
        for remark in score.remarks:
            click.echo(f"{file.name}: {remark}", err=True)
    elif Path(text).suffix.lower() in _CHART_ENDINGS:
        text = read_text_option(Path(text), "The chords")
    read_chord_chart(text)
    return {"chords": text}
