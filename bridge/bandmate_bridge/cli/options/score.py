"""`--score`: the chords and the melody of a score, for new music."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bandmate_bridge.cli.options.notes import NotesOptions

if TYPE_CHECKING:
    from bandmate_bridge.requests.followed_score import FollowedScore

Command = Callable[..., Any]


def score_option(command: Command) -> Command:
    """A score to follow."""
    return click.option(
        "--score",
        type=click.Path(path_type=Path),
        metavar="FILE.abc|FILE.musicxml",
        help="Follow the melody and the chords of this score, in its tempo and metre unless --bpm, --metre, --into or "
        "--context decides. With --follow chords, only its chords.",
    )(command)


def take_score(
    options: dict[str, Any], sung: dict[str, Any], notes: NotesOptions
) -> tuple[FollowedScore | None, dict[str, Any], NotesOptions]:
    """Takes the option out of what click gave; the score, and the parameters and the notes with those of its melody.

    Raises click.UsageError where notes are given too, and RequestError as `followed_score`.
    """
    from bandmate_bridge.requests.followed_score import followed_score

    file: Path | None = options.pop("score", None)
    if file is None:
        return None, sung, notes
    if not notes.is_empty:
        raise click.UsageError("Give --score or --midi-in, not both.")
    found = followed_score(file, sung.get("follow", "auto"), has_chart="chords" in sung)
    if options.get("key") is None and found.score.key:
        options["key"] = found.score.key
    if found.has_melody:
        sung, notes = sung | {"follow": "melody"}, replace(notes, files=(file,))
    return found, sung, notes
