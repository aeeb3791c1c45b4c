"""`bandmate demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bandmate_bridge.demo.audio import MeasuredJob


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder for the project and its audio.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--engine", metavar="NAME", default="sketch", show_default=True)
def demo(output: Path, seed: int, engine: str) -> None:
    """Build a small REAPER project to listen to.

    A band plays in 4/4, then in 7/8 while the tempo rises. Two bars of its drums have a second take, and a
    mix of the band is separated onto new tracks. A brass section follows the melody of the second part.

    The demo runs on a temporary server and does not affect your jobs.
    """
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.client.own_server import own_server
    from bandmate_bridge.demo.build import DemoFolder, build_demo

    folder = DemoFolder(output)
    folder.check()
    with ProgressDisplay() as display, own_server(display) as client, folder.fresh_folder() as place:
        passes = build_demo(client, place, seed, engine, display)
    _print_jobs(passes)
    click.echo(f"Open {output / 'demo.rpp'} in REAPER and press play.")


def _print_jobs(passes: list[MeasuredJob]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("What")
    for title in ("Stems", "Frames", "First audio", "Time", "Real time"):
        table.add_column(title, justify="right", no_wrap=True)
    for made in passes:
        table.add_row(
            made.title,
            str(made.stems),
            str(made.frames),
            f"{made.first_audio_seconds:.2f} s",
            f"{made.seconds:.2f} s",
            f"{made.real_time_factor:.0f} x",
        )
    Console().print(table)
    click.echo("The first audio includes starting the engine.")
