"""`bandmate build`."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def build() -> None:
    """Build what is compiled on your own machine."""


@build.command()
@click.option(
    "--dpf",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Where DPF's source lies; Debian's place, or fetched, when left out.",
)
def vst(dpf: Path | None) -> None:
    """Build the plugin for other DAWs, as VST3, CLAP and LV2. Needs CMake and a C++ compiler.

    \b
    bandmate build vst
    bandmate install vst
    """
    from bandmate_bridge.vst.build import build_plugins

    folder = build_plugins(dpf, click.echo)
    click.echo(f"The plugins are in {folder}. `bandmate install vst` puts them where DAWs look.")
