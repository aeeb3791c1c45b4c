"""`bandmate extend`."""

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
@click.option("--after", type=click.FloatRange(0, 256), help="Bars to add at the end.  [default: 4]")
@click.option("--before", type=click.FloatRange(0, 256), help="Bars to add at the start.")
def extend(after: float | None, before: float | None, **options: Any) -> None:
    """Continue a recording, or lead up to it, in the same style. The recording itself does not change.

    In a project, the result goes on a new track below, with the recording in it, and the item is muted.

    \b
    bandmate extend --into song.rpp --track Piano --after 8
    bandmate extend take.wav "a fill, then the chorus" --after 8 -o longer.wav
    """
    from bandmate_bridge.cli.run_on_audio import (
        AudioCommand,
        ran_without_project,
        run_in_project,
        select_in_project,
    )
    from bandmate_bridge.requests.audio_jobs import TaskOptions
    from bandmate_bridge.runs.project_targets import extend_target

    sung = take_model_options(options)
    common, prompt, said = take_music_options(options, needs_prompt=False)
    # Who asks for what leads up to it alone does not want it to go on as well.
    lengths = {"after": 4.0 if after is None and not before else after or 0.0, "before": before or 0.0}
    wanted = TaskOptions(
        "extend",
        {"prompt": prompt, **lengths} | sung,
        engine=common.engine,
        seed=options["seed"],
        key=options["key"],
    )
    files = take_format_options(options)
    task = AudioCommand(
        wanted, common, options["output"], said, play=options["play"], as_json=options["as_json"], asked=files
    )
    if ran_without_project(task, JobTarget(mute_source=True)):
        return
    selected = select_in_project(task, whole=True)
    run_in_project(task, selected, extend_target(selected, prompt))
