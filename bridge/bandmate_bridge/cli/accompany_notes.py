"""What `bandmate accompany --midi-in` does: a band plays along with notes in place of a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bandmate_bridge.audiofiles.formats import FormatRequest
from bandmate_bridge.cli.generate import GenerateOptions, run_generate
from bandmate_bridge.cli.options.notes import NotesOptions

ALONG = "along"
"""The use of notes that a band plays along with."""
_SHARED = (
    "output", "into", "at", "bars", "beats", "seconds", "sections", "flat", "midi", "bpm", "metre", "key", "engine",
    "seed", "context", "alone", "play", "as_json", "force",
)  # fmt: skip
"""The options that `generate` has too."""


def accompany_notes(
    notes: NotesOptions, sung: dict[str, Any], files: FormatRequest, options: dict[str, Any]
) -> None:
    """Makes a backing for notes; `options` are those of `accompany`. Raises click.UsageError."""
    prompt = " ".join(options["words"])
    if options["into"] is None and options["words"] and Path(options["words"][0]).is_file():
        raise click.UsageError("Give a recording or --midi-in, not both.")
    if options["into"] is None and options["track"]:
        raise click.UsageError("--track needs a project; add --into song.rpp.")
    if options["begins"] or options["ends"]:
        raise click.UsageError("With --midi-in, give the place with --at or --section.")
    run_generate(
        GenerateOptions(
            prompt=prompt,
            track=None,
            rate=None,
            variations=1,
            reference=None,
            sung=sung,
            files=files,
            notes=NotesOptions(notes.files, notes.track or options["track"], (ALONG,)),
            **{name: options[name] for name in _SHARED},
        )
    )
