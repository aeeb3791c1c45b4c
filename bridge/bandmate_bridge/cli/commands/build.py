"""`bandmate build`."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def build() -> None:
    """Build the parts that are compiled on your machine."""


@build.command()
@click.option(
    "--dpf",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Folder of DPF's source.  [default: Debian's package, or a download]",
)
def vst(dpf: Path | None) -> None:
    """Build the plugin for other DAWs, as VST3, CLAP and LV2. Needs CMake and a C++ compiler.

    \b
    bandmate build vst
    bandmate install vst
    """
    from bandmate_bridge.vst.build import build_plugins

    folder = build_plugins(dpf, click.echo)
    click.echo(f"The plugins are in {folder}. `bandmate install vst` copies them to where DAWs look.")
