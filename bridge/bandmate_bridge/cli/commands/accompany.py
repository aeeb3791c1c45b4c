"""`bandmate accompany`."""

from __future__ import annotations

from pathlib import Path
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
    follow_option,
    level_option,
    model_options,
    only_option,
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
@follow_option
@fit_option
@pattern_option
@only_option
@anyway_option
@click.option(
    "--midi-in",
    type=click.Path(path_type=Path),
    metavar="FILE.mid",
    multiple=True,
    help="Accompany the notes of this MIDI file, in place of a recording.",
)
@click.option(
    "--midi-track",
    metavar="NAME",
    help="Only this track of the MIDI file; without --midi-in, accompany the MIDI items of this track of the project.",
)
@click.option("--layer", metavar="TRACK", help="Models only: backing, or one track such as bass or strings.")
@click.option("--flat", is_flag=True, help="Do not put the new tracks in a folder track.")
@click.option("--midi", is_flag=True, help="Also write the notes as MIDI.")
def accompany(
    layer: str | None,
    flat: bool,
    midi: bool,
    midi_in: tuple[Path, ...],
    midi_track: str | None,
    **options: Any,
) -> None:
    """Make a backing for a voice or a solo, or a layer for a mix. A recording or given notes can be accompanied.

    \b
    bandmate accompany "jazz trio" --into song.rpp --track Vocal
    bandmate accompany vocal.wav "jazz trio" -o stems/
    bandmate accompany "jazz trio" --midi-in tune.mid -o stems/
    """
    from bandmate_bridge.cli.accompany_notes import accompany_notes
    from bandmate_bridge.cli.options.notes import NotesOptions
    from bandmate_bridge.cli.run_on_audio import (
        AudioCommand,
        ran_without_project,
        run_in_project,
        select_in_project,
    )
    from bandmate_bridge.requests.audio_jobs import TaskOptions
    from bandmate_bridge.runs.project_targets import accompany_target

    sung = take_chords(options) | take_model_options(options)
    notes = NotesOptions(midi_in, midi_track)
    if not notes.is_empty:
        if layer:
            raise click.UsageError("--layer is for models, which accompany recordings.")
        accompany_notes(notes, sung, take_format_options(options), {**options, "flat": flat, "midi": midi})
        return
    beside = take_context_options(options)
    common, prompt, said = take_music_options(options)
    if common.into is None and flat:
        raise click.UsageError("--flat needs a project; add --into song.rpp.")
    wanted = TaskOptions(
        "accompany",
        {"prompt": prompt, "mix": False} | ({"layer": layer} if layer else {}) | sung,
        engine=common.engine,
        seed=options["seed"],
        key=options["key"],
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
    if not ran_without_project(task, JobTarget(flat=flat, midi=midi, alone=not beside["listens"])):
        run_in_project(task, select_in_project(task), accompany_target(prompt, flat=flat, midi=midi))
