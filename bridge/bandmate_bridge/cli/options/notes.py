"""`--midi-in` and its like: notes that are to be played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]


@dataclass(frozen=True)
class NotesOptions:
    """Which notes are to be played, and how."""

    file: Path | None = None
    track: str | None = None
    use: str | None = None
    humanise: bool = False

    @property
    def is_empty(self) -> bool:
        """No notes were named."""
        return self.file is None and self.track is None

    def check(self, *, has_project: bool) -> None:
        """Refuses what cannot go together. Raises click.UsageError."""
        if self.file is None and self.track is not None and not has_project:
            raise click.UsageError("--midi-track needs --midi-in FILE.mid, or --into song.rpp.")
        if self.is_empty and (self.use or self.humanise):
            name = "--midi-as" if self.use else "--humanise"
            raise click.UsageError(
                f"{name} needs notes: add --midi-in FILE.mid, or --midi-track with --into."
            )


def notes_options(command: Command) -> Command:
    """The notes that are played."""
    for option in reversed(
        (
            click.option(
                "--midi-in",
                type=click.Path(path_type=Path),
                metavar="FILE.mid",
                help="Play the notes of this MIDI file, in its tempo unless --bpm, --into or --context decides.",
            ),
            click.option(
                "--midi-track",
                metavar="NAME",
                help="Only this track of the MIDI file, by name or number; without --midi-in, play the MIDI items of "
                "this track of the project.",
            ),
            click.option(
                "--midi-as",
                type=click.Choice(["only", "melody", "chords", "bass", "drums"]),
                help="Play only the notes, or use them as this part of a band.  [default: only]",
            ),
            click.option(
                "--humanise",
                is_flag=True,
                help="Play the notes with small differences of time and strength, not exactly.",
            ),
        )
    ):
        command = option(command)
    return command


def take_notes(options: dict[str, Any]) -> NotesOptions:
    """Takes these options out of what click gave."""
    return NotesOptions(
        options.pop("midi_in"), options.pop("midi_track"), options.pop("midi_as"), options.pop("humanise")
    )
