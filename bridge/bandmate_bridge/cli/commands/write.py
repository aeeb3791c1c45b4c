"""`bandmate write`."""

from __future__ import annotations

from typing import Any

import click

from bandmate_bridge.cli.options.model import singing_options, take_model_options
from bandmate_bridge.cli.options.types import KeyText, check_positive, json_option


@click.command()
@click.argument("idea", nargs=-1)
@singing_options
@click.option("--tidy", is_flag=True, help="Put IDEA, as a prompt, and the lyrics into shape.")
@click.option("--instrumental", is_flag=True, help="Write no lyrics.")
@click.option("--bpm", type=click.FloatRange(1, 2000), help="Tempo in quarter notes per minute.")
@click.option("--key", type=KeyText(), metavar="KEY", help='Key, such as "A minor".')
@click.option("--metre", type=click.Choice(["2/4", "3/4", "4/4", "6/8"]), help="Metre.")
@click.option("--seconds", type=float, callback=check_positive, help="Length in seconds.")
@click.option("--engine", metavar="NAME", help="Engine.  [default: the best available]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Seed; the same seed gives the same song.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set an option of the engine, such as planner or plan_temperature.",
)
@json_option
def write(idea: tuple[str, ...], engine: str | None, seed: int | None, as_json: bool, **options: Any) -> None:
    """Write a song in words: prompt, lyrics, tempo, metre and key.

    What you give stays as it is; the rest is written. The planner of ACE-Step writes best; without it, the embedded
    engine suggests tempo, metre and key.

    \b
    bandmate write "a song about rain in Lisbon" --language pt
    bandmate write "dreamy synth pop" --lyrics @words.txt --tidy
    """
    from bandmate_bridge.cli.write_song import run_write

    sung = take_model_options(options)
    given = {name: value for name, value in options.items() if value not in (None, False)}
    run_write({"prompt": " ".join(idea), **given, **sung}, engine, seed, as_json=as_json)
