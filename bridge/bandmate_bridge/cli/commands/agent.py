"""`bandmate agent`."""

from __future__ import annotations

import click


@click.group(hidden=True)
def agent() -> None:
    """Processes that bridges start for themselves."""


@agent.command()
@click.option("--box", required=True, metavar="FOLDER", help="The mailbox that REAPER's scripts made.")
def reaper(box: str) -> None:
    """Speak with the server for REAPER's scripts, until it is closed."""
    from bandmate_bridge.reaper.agent.process import main

    raise SystemExit(main(["--box", box]))
