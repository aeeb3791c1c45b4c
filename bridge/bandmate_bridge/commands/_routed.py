"""A command whose project REAPER has open: the result goes in there, and is told as always."""

from __future__ import annotations

import click

from bandmate_bridge.display import Display
from bandmate_bridge.work.routed import Route, through_reaper


def went_to_reaper(route: Route) -> bool:
    """Has it made into the project inside REAPER, where that has it open; whether it was."""
    with Display() as display:
        routed = through_reaper(route, display)
    if routed is None:
        return False
    for line in (*routed.lines, *(f"  {remark}" for remark in routed.outcome.done.remarks)):
        click.echo(line)
    return True
