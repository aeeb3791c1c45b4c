"""`bandmate loop`."""

from __future__ import annotations

from typing import Any

import click

from bandmate_bridge.cli.options.audio import (
    making_options,
    music_options,
    source_options,
    take_music_options,
)
from bandmate_bridge.cli.options.file_format import take_format_options
from bandmate_bridge.cli.options.model import model_options, singing_options, take_model_options
from bandmate_protocol.messages import JobTarget


@click.command()
@source_options
@making_options
@music_options
@singing_options
@model_options
@click.option("--seam", type=click.FloatRange(0.25, 64), help="Beats to regenerate.  [default: 2]")
def loop(seam: float | None, **options: Any) -> None:
    """Make a recording repeat without a seam. Regenerates its end so that it runs into its start.

    In a project, the item, or the range of it, gets a new active take, and the old take is kept.

    \b
    bandmate loop --into song.rpp --track Drums
    bandmate loop beat.wav --seam 4 -o loop.wav
    """
    from bandmate_bridge.cli.run_on_audio import (
        AudioCommand,
        ran_without_project,
        run_in_project,
        select_in_project,
    )
    from bandmate_bridge.requests.audio_jobs import TaskOptions
    from bandmate_bridge.runs.project_targets import loop_target

    sung = take_model_options(options)
    common, prompt, said = take_music_options(options, needs_prompt=False)
    wanted = TaskOptions(
        "loop",
        {"prompt": prompt} | ({} if seam is None else {"seam": seam}) | sung,
        engine=common.engine,
        seed=options["seed"],
        key=options["key"],
        in_place=True,
    )
    files = take_format_options(options)
    task = AudioCommand(
        wanted, common, options["output"], said, play=options["play"], as_json=options["as_json"], asked=files
    )
    if ran_without_project(task, JobTarget(take=True)):
        return
    selected = select_in_project(task)
    run_in_project(task, selected, loop_target(selected, prompt))
