"""`bandmate generate`."""

from __future__ import annotations

from pathlib import Path

import click

from bandmate_bridge.cli.options.audio import section_option
from bandmate_bridge.cli.options.chords import chords_option, take_chords
from bandmate_bridge.cli.options.file_format import format_options, take_format_options
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
    think_option,
)
from bandmate_bridge.cli.options.notes import notes_options, take_notes
from bandmate_bridge.cli.options.score import score_option, take_score
from bandmate_bridge.cli.options.types import KeyText, MetreType, check_positive, json_option, play_option


@click.command()
@click.argument("prompt", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="FILE.wav|FILE.flac|FOLDER/|SONG.dawproject",
    help="Write the mix to a new audio file; with a slash at the end, write a file for each part to a folder; or write "
    "a new project, of REAPER or a DAWproject, with a track for each part.",
)
@format_options
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="SONG.rpp",
    help="Add tracks to this project: of REAPER or Ardour, or a DAWproject.",
)
@click.option("--at", metavar="POSITION", help="Position in the project: 9.1 (bar.beat), 12.5s or 600000smp.")
@click.option("--bars", type=float, callback=check_positive, help="Length in bars.  [default: 8]")
@click.option("--beats", type=float, callback=check_positive, help="Length in beats of the metre.")
@click.option("--seconds", type=float, callback=check_positive, help="Length in seconds.")
@section_option
@click.option("--track", metavar="NAME", help="Put the mix on this track of the project: name, number or id.")
@click.option("--flat", is_flag=True, help="Do not put several new tracks in a folder track.")
@click.option("--bpm", type=click.FloatRange(1, 2000), help="Tempo in quarter notes per minute.")
@click.option("--key", type=KeyText(), metavar="KEY", help='Key, such as "A minor" or "F# dorian".')
@click.option("--metre", type=MetreType(), help="Metre, such as 4/4 or 7/8.")
@click.option(
    "--rate", type=click.IntRange(8_000, 384_000), help="Sample rate without a project.  [default: 48000]"
)
@click.option("--engine", metavar="NAME", help="Engine.  [default: the best available]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Seed; the same seed gives the same result.")
@click.option("--variations", type=click.IntRange(1, 64), default=1, help="Number of variations.")
@click.option(
    "--midi", is_flag=True, help="Also write the notes, as a MIDI file or as MIDI items in the project."
)
@click.option(
    "--context",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Audio to play along with, from its start. It sets tempo, metre, key and chords, unless --bpm and --key "
    "do. With --into, the project's own audio is used.",
)
@click.option("--alone", is_flag=True, help="Ignore what else plays in the project.")
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Audio that the result should sound like.",
)
@notes_options
@score_option
@level_option
@chords_option
@singing_options
@model_options
@follow_option
@fit_option
@think_option
@pattern_option
@only_option
@anyway_option
@play_option
@json_option
@click.option(
    "--force", is_flag=True, help="Replace existing files; write to the project even if it is open."
)
def generate(prompt: tuple[str, ...], **options: object) -> None:
    """Make new parts from a prompt, as files or in a project.

    In a project, they follow the key and chords of the other tracks, as far as the engine can.

    \b
    bandmate generate "dusty lo-fi drums, brushed snare" -o drums.wav --bars 8
    bandmate generate "warm upright bass" --into song.rpp --at 9.1 --bars 8
    bandmate generate "electric piano" --midi-in part.mid -o part.wav
    """
    from bandmate_bridge.cli.generate import GenerateOptions, run_generate

    files = take_format_options(options)
    notes = take_notes(options)
    score, sung, notes = take_score(options, take_chords(options) | take_model_options(options), notes)
    asked = GenerateOptions(
        prompt=" ".join(prompt),
        sung=sung,
        files=files,
        notes=notes,
        score=score,
        **options,  # type: ignore[arg-type]
    )
    run_generate(asked)
