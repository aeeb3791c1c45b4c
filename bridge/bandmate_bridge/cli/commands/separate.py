"""`bandmate separate`."""

from __future__ import annotations

from typing import Any

import click

from bandmate_bridge.cli.options.audio import (
    bare_source_options,
    check_output,
    making_options,
    take_common_options,
)
from bandmate_bridge.cli.options.file_format import take_format_options
from bandmate_bridge.cli.options.model import model_options, take_model_options
from bandmate_protocol.messages import JobTarget


@click.command()
@bare_source_options
@making_options
@click.option(
    "--mode",
    type=click.Choice(["four", "six", "two", "drums", "tracks"]),
    default="four",
    show_default=True,
    help="four: drums, bass, vocals, other; six: also guitar and piano, with a model that has them; two: "
    "vocals, instrumental; drums: kick, snare, hats; tracks: the names in --stems, with acestep.",
)
@click.option("--stems", default="", metavar="NAMES", help="Stems to keep, such as drums,bass.")
@click.option("--residual", is_flag=True, help="Also write the remainder as a stem.")
@click.option("--from-mix", is_flag=True, help="For --mode drums: the source is a whole mix.")
@click.option("--consistency", is_flag=True, help="Spread what a model left over across its stems.")
@click.option(
    "--overlap",
    type=click.FloatRange(0, 0.9),
    help="Overlap of a model's tiles, 0 to 0.9.  [default: the model's own]",
)
@click.option(
    "--shifts", type=click.IntRange(0, 10), help="Number of time-shifted passes of a model that are averaged."
)
@model_options
@click.option("--mute-source", is_flag=True, help="Mute the item that was separated.")
def separate(mode: str, stems: str, mute_source: bool, **options: Any) -> None:
    """Separate a mix or a drum track into stems that add up to it.

    In a project, the stems go in a folder below the source's track, which does not change.

    \b
    bandmate separate --into song.rpp --track Mix
    bandmate separate mix.wav -o stems/
    """
    from bandmate_bridge.cli.run_on_audio import (
        AudioCommand,
        ran_without_project,
        run_in_project,
        select_in_project,
    )
    from bandmate_bridge.requests.audio_jobs import TaskOptions
    from bandmate_bridge.runs.project_targets import separate_target

    common = take_common_options(options)
    common.place(prompt=False)
    check_output(common, options["output"])
    if common.into is None and mute_source:
        raise click.UsageError("--mute-source needs an item in a project; add --into song.rpp.")
    one = len(stems.replace(",", " ").split()) == 1 and not options["residual"]
    if options["output"] is not None and not _holds_stems(options["output"]) and not one:
        raise click.UsageError(
            "Several stems need a folder: -o stems/. For one stem: --stems vocals -o out.wav."
        )
    wanted = TaskOptions(
        "separate",
        {"mode": mode, "stems": stems} | take_model_options(options) | _separate_params(options),
        engine=common.engine,
        seed=options["seed"],
    )
    task = AudioCommand(
        wanted,
        common,
        options["output"],
        _given_tempo(common, options["output"]),
        play=options["play"],
        as_json=options["as_json"],
        asked=take_format_options(options),
    )
    if ran_without_project(task, JobTarget(mute_source=mute_source)):
        return
    selected = select_in_project(task)
    track = selected.heard.track
    sounds = not mute_source and not selected.heard.item.muted
    what = "items" if selected.further else "item"
    remark = (
        f"{track.title} keeps playing beside its stems; --mute-source mutes the {what}." if sounds else ""
    )
    run_in_project(task, selected, separate_target(selected, mute_source=mute_source), remark=remark)


def _holds_stems(output: str) -> bool:
    from bandmate_bridge.projects import names_project

    return output.endswith(("/", "\\")) or names_project(output)


def _given_tempo(common: Any, output: str | None) -> Any:
    """Only a range in bars, and a new project, need to know the tempo."""
    from bandmate_bridge.projects import names_project
    from bandmate_bridge.runs.on_audio import GivenTempo

    positions = (*common.begins, *common.ends, common.at or "")
    counted = common.bars is not None or common.beats is not None
    in_project = output is not None and names_project(output)
    return GivenTempo(needs_music=in_project or counted or any(_is_in_bars(text) for text in positions))


def _is_in_bars(text: str) -> bool:
    return bool(text) and text.replace(".", "").isdigit()


def _separate_params(options: dict[str, Any]) -> dict[str, Any]:
    """What was said of how it is done; the task's own defaults serve for the rest."""
    names = ("residual", "from_mix", "consistency", "overlap", "shifts")
    return {name: options[name] for name in names if options[name] not in (None, False)}
