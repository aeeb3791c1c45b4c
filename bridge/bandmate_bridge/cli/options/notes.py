"""`--midi-in` and its like: notes that are to be played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bandmate_protocol.texts import say

Command = Callable[..., Any]


@dataclass(frozen=True)
class NotesOptions:
    """Which notes are to be played, and how."""

    files: tuple[Path, ...] = ()
    track: str | None = None
    uses: tuple[str, ...] = ()
    """Of all files, or of each in its order."""
    humanise: bool = False

    @property
    def is_empty(self) -> bool:
        """No notes were named."""
        return not self.files and self.track is None

    @property
    def use(self) -> str | None:
        """What the notes are; of several files, the first."""
        return self.uses[0] if self.uses else None

    def check(self, *, has_project: bool) -> None:
        """Refuses what cannot go together. Raises click.UsageError."""
        if not self.files and self.track is not None and not has_project:
            raise click.UsageError("--midi-track needs --midi-in FILE.mid, or --into song.rpp.")
        if len(self.files) > 1 and self.track is not None:
            raise click.UsageError("--midi-track goes with one --midi-in.")
        self._check_uses()
        if self.is_empty and (self.uses or self.humanise):
            name = "--midi-as" if self.uses else "--humanise"
            raise click.UsageError(
                f"{name} needs notes: add --midi-in FILE.mid, or --midi-track with --into."
            )

    def _check_uses(self) -> None:
        """Refuses uses that cannot be told apart: one for all files that are played alone, else one for each."""
        parts = set(self.uses) - {"only"}
        if len(self.uses) > max(len(self.files), 1):
            raise click.UsageError(
                "Give --midi-as once for each --midi-in, in the same order: "
                "--midi-in tune.mid --midi-as melody --midi-in bass.mid --midi-as bass."
            )
        if parts and len(self.uses) < len(self.files):
            raise click.UsageError(
                say(
                    "{count} files are given, and --midi-as only for {uses} of them. Give it once for each, or "
                    "leave it out to play them all.",
                    count=len(self.files), uses=len(self.uses),
                )
            )  # fmt: skip
        if parts and len(set(self.uses)) < len(self.uses):
            raise click.UsageError(
                "Two of the files have the same --midi-as. Give each another part of the band."
            )
        if parts and "only" in self.uses:
            raise click.UsageError(
                "--midi-as only plays nothing else. Name the part of the band for each file: melody, chords, bass or "
                "drums."
            )


def notes_options(command: Command) -> Command:
    """The notes that are played."""
    for option in reversed(
        (
            click.option(
                "--midi-in",
                type=click.Path(path_type=Path),
                metavar="FILE.mid",
                multiple=True,
                help="Play the notes of this MIDI file or score (.abc, .musicxml), in its tempo unless --bpm, --into "
                "or --context decides. Repeat it for several files.",
            ),
            click.option(
                "--midi-track",
                metavar="NAME",
                help="Only this track of the MIDI file, by name or number; without --midi-in, play the MIDI items of "
                "this track of the project.",
            ),
            click.option(
                "--midi-as",
                type=click.Choice(["only", "melody", "chords", "bass", "drums", "along"]),
                multiple=True,
                help="Play only the notes, use them as this part of a band, or have a band play along with them. "
                "Of several files, once for each.  [default: only]",
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
        tuple(options.pop("midi_in")),
        options.pop("midi_track"),
        tuple(options.pop("midi_as")),
        options.pop("humanise"),
    )
