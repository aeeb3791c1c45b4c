"""`bandmate import-acestep`."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import click

from bandmate_server.installed import check_installed


@click.command("import-acestep")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--examples",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for saved requests, as examples for `bandmate listen`.  [default: in Bandmate's data folder]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def import_acestep(folder: Path, target: Path | None, dry_run: bool, as_json: bool) -> None:
    """Take over an installation of ACE-Step 1.5.

    Its models are checked and then used where they are, without another download. Settings that Bandmate has are
    written into server.toml, and saved requests become examples. Nothing in FOLDER is changed; run it again
    whenever something was added there.
    """
    check_installed()
    from bandmate_plugins._platform.json_text import json_text
    from bandmate_server.acestep_import.run import import_installation

    report = import_installation(folder, os.environ, target, dry_run=dry_run)
    if as_json:
        click.echo(json_text(dataclasses.asdict(report)))
        return
    for line in report.lines():
        click.echo(line)
