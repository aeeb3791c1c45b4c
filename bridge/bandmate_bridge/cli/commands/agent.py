"""`bandmate agent`."""

from __future__ import annotations

import click


@click.group(hidden=True)
def agent() -> None:
    """Processes that bridges start."""


@agent.command()
@click.option(
    "--box", required=True, metavar="FOLDER", help="The mailbox folder that REAPER's scripts created."
)
def reaper(box: str) -> None:
    """Connect REAPER's scripts to the server until REAPER closes."""
    from bandmate_bridge.reaper.agent.process import main

    raise SystemExit(main(["--box", box]))
