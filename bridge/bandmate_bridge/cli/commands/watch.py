"""`bandmate watch`."""

from __future__ import annotations

from pathlib import Path

import click

from bandmate_bridge.cli.options.types import check_positive


@click.command()
@click.argument("project", type=click.Path(path_type=Path), metavar="SONG.rpp")
@click.option("--at", metavar="POSITION", help="Position if the project has no time selection.")
@click.option(
    "--bars", type=float, callback=check_positive, help="Number of bars in that case.  [default: 8]"
)
@click.option("--force", is_flag=True, help="Write to the project even if REAPER may have it open.")
def watch(project: Path, at: str | None, bars: float | None, force: bool) -> None:
    """Stay connected to a project for surfaces to work on. Ctrl-C ends it.

    The project is one of REAPER, or a DAWproject, which has no selections: give --at, and new parts go there.
    """
    from bandmate_bridge.client import Client
    from bandmate_bridge.watch.watched_project import ProjectWatcher, WatchedProject

    watched = WatchedProject(project, at=at, bars=bars)
    with Client.connect(role="project", name="bandmate watch", notify=click.echo, warn=click.echo) as client:
        ProjectWatcher(client, watched, say=click.echo, force=force).run()
