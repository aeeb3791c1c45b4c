"""`--score`: the chords and the melody of a score, for new music."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bandmate_bridge.cli.options.notes import NotesOptions

Command = Callable[..., Any]


def score_option(command: Command) -> Command:
    """A score to follow."""
    return click.option(
        "--score",
        type=click.Path(path_type=Path),
        metavar="FILE.abc|FILE.musicxml",
        help="Follow the melody and the chords of this score, in its tempo unless --bpm, --into or --context decides. "
        "With --follow chords, only its chords.",
    )(command)


def take_score(
    options: dict[str, Any], sung: dict[str, Any], notes: NotesOptions
) -> tuple[dict[str, Any], NotesOptions]:
    """Takes the option out of what click gave; the parameters and the notes with those of the score.

    Raises click.UsageError where notes are given too, and RequestError as `score_chart`, and for a score without what
    is to be followed.
    """
    from bandmate_bridge.requests.given_score import read_score_file, score_chart
    from bandmate_plugins._tasks.follow import follows_chords

    file: Path | None = options.pop("score", None)
    if file is None:
        return sung, notes
    if not notes.is_empty:
        raise click.UsageError("Give --score or --midi-in, not both.")
    follow = sung.get("follow", "auto")
    score = read_score_file(file)
    chart = score_chart(score, file.name) if follows_chords(follow) and "chords" not in sung else ""
    if chart:
        sung = sung | {"chords": chart}
    if options.get("key") is None and score.key:
        options["key"] = score.key
    has_melody = bool(score.parts) and follow in ("auto", "melody")
    if has_melody:
        sung, notes = sung | {"follow": "melody"}, replace(notes, files=(file,))
    if not chart and not has_melody and "chords" not in sung:
        raise click.UsageError(
            f"{file.name} has nothing that --follow {follow} uses. Leave out --score, or follow its chords or melody."
        )
    return sung, notes
