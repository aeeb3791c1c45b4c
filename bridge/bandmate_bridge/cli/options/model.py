"""Lyrics and their language, the options of engines with a model, and `--set`.

What is said goes to the server by name, which sorts options of engines from parameters of tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bandmate_bridge.cli.options.text_file import read_text_option
from bandmate_bridge.cli.options.types import parse_assignment
from bandmate_plugins._platform.json_text import typed_value

Command = Callable[..., Any]
_NAMES = ("lyrics", "language", "model", "steps", "guidance", "fit", "follow", "level", "pattern", "only")
_SWITCHES = ("anyway", "think")


def singing_options(command: Command) -> Command:
    """What is sung, by engines that can."""
    command = click.option("--language", metavar="CODE", help="Language of the lyrics, such as en or ja.")(
        command
    )
    return click.option(
        "--lyrics", metavar="TEXT|@FILE", help="Lyrics, for an engine that can sing.  [default: none]"
    )(command)


def pattern_option(command: Command) -> Command:
    """What single drums play."""
    return click.option(
        "--pattern",
        metavar="STEPS",
        help='Drum pattern, 16 or 32 steps: "x--- x--- x-x- x---", or "kick: x---...; snare: ...".',
    )(command)


def only_option(command: Command) -> Command:
    """The sections that new parts play in."""
    return click.option(
        "--only",
        metavar="SECTIONS",
        help="Play only in these sections of the range, such as chorus, or verse, B:2, and rest elsewhere.",
    )(command)


def anyway_option(command: Command) -> Command:
    """For a prompt of which the embedded band knows no word."""
    return click.option("--anyway", is_flag=True, help="Play even if no word of the prompt is known.")(
        command
    )


def level_option(command: Command) -> Command:
    """How loud the result is."""
    return click.option(
        "--level",
        type=click.FloatRange(-24, 12),
        metavar="LU",
        help="Louder or softer than the usual level beside the other audio, such as -6.  [default: 0]",
    )(command)


def model_options(command: Command) -> Command:
    """How a model is run; each has a default that suits the model. What is rarely said goes by `--set`."""
    command = click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set any parameter of the task or option of its engine; `bandmate plugins --task NAME` lists them.",
    )(command)
    command = click.option(
        "--guidance", type=click.FloatRange(1, 7), help="Guidance of a model.  [default: the model's own]"
    )(command)
    command = click.option(
        "--steps", type=click.IntRange(1, 200), help="Sampling steps of a model.  [default: the model's own]"
    )(command)
    return click.option("--model", metavar="NAME", help="Model of the engine; see `bandmate models list`.")(
        command
    )


def follow_option(command: Command) -> Command:
    """What of the project leads new music."""
    return click.option(
        "--follow",
        type=click.Choice(["auto", "chords", "groove", "melody", "off"]),
        help="Follow the project's chords, only its rhythm, or a melody: of given notes, or heard in audio.  "
        "[default: chords, if any are known]",
    )(command)


def fit_option(command: Command) -> Command:
    """Whether a model's music is moved onto the grid."""
    return click.option(
        "--fit",
        type=click.Choice(["auto", "off", "always"]),
        help="Move a model's music onto the grid.  [default: where it is over 5 ms a bar off]",
    )(command)


def think_option(command: Command) -> Command:
    """Whether a model's planner plans the piece first."""
    return click.option(
        "--think",
        is_flag=True,
        help="Let the planner of ACE-Step write the piece down before it is rendered.",
    )(command)


def take_model_options(options: dict[str, Any]) -> dict[str, Any]:
    """Takes these options out of what click gave: the parameters that were said.

    Raises click.UsageError for a file of lyrics that cannot be read.
    """
    said = {name: options.pop(name, None) for name in _NAMES}
    switches = {name: True for name in _SWITCHES if options.pop(name, False)}
    sets = {name: typed_value(value) for name, value in map(parse_assignment, options.pop("sets", ()))}
    if said["lyrics"] and said["lyrics"].startswith("@"):
        said["lyrics"] = read_text_option(Path(said["lyrics"][1:]), "The lyrics")
    return {name: value for name, value in said.items() if value is not None} | switches | sets
