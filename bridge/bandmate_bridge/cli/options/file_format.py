"""`--bits` and `--format`: how the files of `-o` are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bandmate_protocol.texts import say

if TYPE_CHECKING:
    from bandmate_bridge.audiofiles.formats import FormatRequest


def format_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options themselves."""
    bits = click.option(
        "--bits",
        type=click.Choice(["16", "24", "32"]),
        help="Bit depth of the files that -o names; 32 is float.  [default: 32, or 24 in FLAC]",
    )
    kind = click.option(
        "--format",
        "container",
        type=click.Choice(["wav", "flac"]),
        help="Format of the files in a folder; a single file's name sets it.  [default: wav]",
    )
    return bits(kind(command))


def take_format_options(options: dict[str, Any]) -> FormatRequest:
    """Takes the format options out of what click gave. Raises click.UsageError where no file is written."""
    from bandmate_bridge.audiofiles.formats import FormatRequest

    bits, container = options.pop("bits"), options.pop("container")
    for name, value in (("bits", bits), ("format", container)):
        if value is not None and options.get("output") is None:
            raise click.UsageError(
                say("--{name} applies to the files that -o names; a project's audio is 32-bit.", name=name)
            )
    if options.get("play") and _names_folder(options) and (container == "flac" or bits in ("16", "24")):
        raise click.UsageError("--play mixes 32-bit files. Remove --bits and --format.")
    return FormatRequest(container, int(bits) if bits is not None else None)


def _names_folder(options: dict[str, Any]) -> bool:
    from bandmate_bridge.files import names_folder

    output = options.get("output")
    return output is not None and names_folder(output)
