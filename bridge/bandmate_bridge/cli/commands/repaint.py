"""`bandmate repaint`."""

from __future__ import annotations

from typing import Any

import click

from bandmate_bridge.cli.options.audio import (
    making_options,
    music_options,
    source_options,
    take_music_options,
)
from bandmate_bridge.cli.options.chords import chords_option, take_chords
from bandmate_bridge.cli.options.file_format import take_format_options
from bandmate_bridge.cli.options.model import model_options, singing_options, take_model_options
from bandmate_protocol.messages import JobTarget


@click.command()
@source_options
@making_options
@music_options
@chords_option
@singing_options
@model_options
@click.option(
    "--part", metavar="PART", help="What plays there: drums, bass, ...  [default: the track's name]"
)
@click.option("--alone", is_flag=True, help="Use only the take; ignore the other tracks.")
def repaint(part: str | None, alone: bool, **options: Any) -> None:
    """Regenerate a range of a take to fit the audio around it. Repeat --from and --to for several ranges.

    In a project, the item is split, the range gets a new active take, and the old take is kept; a range over several
    items is repainted in each of them. As a file,
    the result is the source with the new range in it; outside the range no byte differs.

    \b
    bandmate repaint "busier fill" --into song.rpp --track Drums --from 11.1 --to 13.1
    bandmate repaint take.wav "busier fill" --from 4s --to 8s -o out.wav
    """
    from bandmate_bridge.cli.run_on_audio import (
        AudioCommand,
        ran_without_project,
        run_in_project,
        select_each_in_project,
    )
    from bandmate_bridge.requests.audio_jobs import TaskOptions
    from bandmate_bridge.runs.project_targets import repaint_target

    sung = take_chords(options) | take_model_options(options)
    common, prompt, said = take_music_options(options, needs_prompt=False)
    wanted = TaskOptions(
        "repaint",
        {"prompt": prompt, "part": part or ""} | sung,
        engine=common.engine,
        seed=options["seed"],
        key=options["key"],
        in_place=True,
        ranged=True,
        listens=not alone,
    )
    if common.into is None and alone:
        raise click.UsageError("--alone needs a project; add --into song.rpp.")
    task = AudioCommand(
        wanted,
        common,
        options["output"],
        said,
        needs_range=True,
        patches=True,
        play=options["play"],
        as_json=options["as_json"],
        asked=take_format_options(options),
    )
    if ran_without_project(task, JobTarget(alone=alone)):
        return
    from dataclasses import replace

    selected, *further = select_each_in_project(task)
    known = {"prompt": prompt, "part": part or selected.heard.track.name} | sung
    task = replace(task, wanted=replace(wanted, params=known))
    run_in_project(task, selected, repaint_target(selected, prompt), further=further)
