"""`bandmate try`."""

from __future__ import annotations

import click

from bandmate_bridge.cli.options.model import anyway_option, model_options, take_model_options
from bandmate_bridge.cli.options.types import KeyText, MetreType, check_positive


@click.command("try")
@click.argument("prompt", nargs=-1, required=True)
@click.option("--bars", type=float, callback=check_positive, help="Length in bars.  [default: 8]")
@click.option("--seconds", type=float, callback=check_positive, help="Length in seconds.")
@click.option("--bpm", type=click.FloatRange(1, 2000), help="Tempo in quarter notes per minute.")
@click.option("--key", type=KeyText(), metavar="KEY", help='Key, such as "A minor" or "F# dorian".')
@click.option("--metre", type=MetreType(), help="Metre, such as 4/4 or 7/8.")
@click.option("--engine", metavar="NAME", help="Engine.  [default: the best available]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Seed; the same seed gives the same result.")
@model_options
@anyway_option
def try_prompt(prompt: tuple[str, ...], **options: object) -> None:
    """Play what a prompt gives, and keep no file.

    `bandmate fetch -o FILE.wav` still writes it to a file afterwards.

    \b
    bandmate try "slow jazz trio"
    bandmate try amapiano --bars 16
    """
    from bandmate_bridge.audiofiles.formats import OPEN_FORMAT
    from bandmate_bridge.cli.generate import GenerateOptions, run_generate
    from bandmate_bridge.cli.player import check_player

    check_player()
    sung = take_model_options(options)
    unused = dict.fromkeys(("output", "into", "at", "beats", "track", "rate", "context", "reference"))
    switches = dict.fromkeys(("flat", "midi", "alone", "as_json", "force"), False)
    said = {"prompt": " ".join(prompt), "sung": sung, "play": True, "variations": 1, "files": OPEN_FORMAT}
    run_generate(GenerateOptions(**said, **unused, **switches, **options))  # type: ignore[arg-type]
