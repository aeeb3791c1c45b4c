"""`bandmate cover`."""

from __future__ import annotations

from typing import Any

import click

from bandmate_bridge.cli.options.audio import (
    context_options,
    making_options,
    music_options,
    source_options,
    take_context_options,
    take_music_options,
)
from bandmate_bridge.cli.options.chords import chords_option, take_chords
from bandmate_bridge.cli.options.file_format import take_format_options
from bandmate_bridge.cli.options.model import (
    anyway_option,
    fit_option,
    level_option,
    model_options,
    pattern_option,
    singing_options,
    take_model_options,
)
from bandmate_protocol.messages import JobTarget


@click.command()
@source_options
@making_options
@music_options
@context_options
@level_option
@chords_option
@singing_options
@model_options
@fit_option
@pattern_option
@anyway_option
@click.option(
    "--strength",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="How far the result may depart from the original.",
)
@click.option("--take", is_flag=True, help="Add a new take to the item instead of a new track.")
@click.option("--stems", is_flag=True, help="Write a track for each part, in a folder.")
@click.option("--midi", is_flag=True, help="Also write the notes as MIDI.")
def cover(strength: float, take: bool, stems: bool, midi: bool, **options: Any) -> None:
    """Play a recording in another style, with its timing and form.

    \b
    bandmate cover "as a string quartet" --into song.rpp --track Piano --from 1.1 --to 9.1 --strength 0.6
    bandmate cover song.wav "as a string quartet" -o out.wav
    """
    from bandmate_bridge.cli.run_on_audio import (
        AudioCommand,
        ran_without_project,
        run_in_project,
        select_in_project,
    )
    from bandmate_bridge.requests.audio_jobs import TaskOptions
    from bandmate_bridge.runs.project_targets import cover_target

    sung = take_chords(options) | take_model_options(options)
    beside = take_context_options(options)
    common, prompt, said = take_music_options(options)
    if take and (stems or midi):
        raise click.UsageError("A take holds one piece of audio. Remove --stems and --midi, or --take.")
    if common.into is None and (take or stems):
        raise click.UsageError("--take and --stems need a project. For files use -o out.wav or -o stems/.")
    wanted = TaskOptions(
        "cover",
        {"prompt": prompt, "strength": strength, "mix": not stems} | sung,
        engine=common.engine,
        seed=options["seed"],
        key=options["key"],
        in_place=take,
        **beside,
    )
    task = AudioCommand(
        wanted,
        common,
        options["output"],
        said,
        midi=midi,
        play=options["play"],
        as_json=options["as_json"],
        asked=take_format_options(options),
    )
    if ran_without_project(task, JobTarget(take=take, stems=stems, midi=midi, alone=not beside["listens"])):
        return
    onto = cover_target(prompt, take=take, stems=stems, midi=midi)
    run_in_project(task, select_in_project(task), onto)
