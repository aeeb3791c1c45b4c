"""`bandmate run`."""

from __future__ import annotations

from typing import Any

import click

from bandmate_bridge.cli.options.audio import (
    bare_source_options,
    making_options,
    music_options,
    take_common_options,
)
from bandmate_bridge.cli.options.file_format import take_format_options


@click.command("run")
@click.argument("task")
@bare_source_options
@making_options
@music_options
@click.option(
    "--rate", type=click.IntRange(8_000, 384_000), help="Sample rate without a source.  [default: 48000]"
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter or an option of the engine; repeat for more.",
)
@click.option("--take", is_flag=True, help="In a project: add a new take to the item instead of new tracks.")
@click.option("--midi", is_flag=True, help="Also write the notes as MIDI.")
def run(task: str, sets: tuple[str, ...], **options: Any) -> None:
    """Run any installed task, including a plugin's.

    `bandmate plugins` lists the tasks, `bandmate plugins --task NAME` the parameters of one. Without -o or
    --into, the task's report is printed.

    \b
    bandmate run noise -o noise.wav --seconds 4
    bandmate run gain take.wav --set factor=0.5 -o softer.wav
    bandmate run clicks --into song.rpp --at 1.1 --bars 4
    """
    from bandmate_bridge.cli.any_task import RunOptions, run_named_task
    from bandmate_bridge.cli.options.types import parse_assignment

    common, files = take_common_options(options), take_format_options(options)
    run_named_task(
        RunOptions(task=task, sets=dict(map(parse_assignment, sets)), common=common, files=files, **options)
    )
