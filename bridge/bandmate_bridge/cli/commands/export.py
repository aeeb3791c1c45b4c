"""`bandmate export`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bandmate_bridge.cli.options.types import json_option


@click.command()
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="SONG.rpp",
    required=True,
    help="The project: of REAPER, a DAWproject, or an Ardour session. It is only read.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="SONG.dawproject",
    required=True,
    help="The new project: a DAWproject, or of REAPER.",
)
@json_option
@click.option("--force", is_flag=True, help="Replace an existing file, which is kept as a backup.")
def export(into: Path, output: Path, as_json: bool, force: bool) -> None:
    """Write a REAPER project as a DAWproject, or the reverse.

    Tracks, folders, items with their takes, notes, faders, sends, automation, markers and the tempo map go over.
    What the other format cannot hold is listed. An Ardour session becomes a DAWproject too.

    \b
    bandmate export --into song.rpp -o song.dawproject
    bandmate export --into song.dawproject -o song.rpp
    """
    from bandmate_bridge.export.whole_project import export_project
    from bandmate_plugins._platform.json_text import json_text

    made = export_project(into, output, force=force)
    if as_json:
        files = [os.path.abspath(path) for path in made.files]
        said = {
            "command": "export",
            "project": os.path.abspath(made.path),
            "files": files,
            "remarks": made.said,
        }
        click.echo(json_text(said))
        return
    for index, line in enumerate(made.said):
        click.echo(f"  {line}" if index else line)
