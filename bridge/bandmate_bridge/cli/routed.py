"""A command whose project REAPER has open: the result goes in there, and is told as always."""

from __future__ import annotations

from bandmate_bridge.cli.report import report
from bandmate_bridge.display import Display
from bandmate_bridge.watch.routed import Route, run_through_reaper


def route_to_reaper(route: Route, *, as_json: bool = False) -> bool:
    """Has it made into the project inside REAPER, where that has it open; whether it was."""
    with Display() as display:
        routed = run_through_reaper(route, display)
    if routed is None:
        return False
    report(routed, as_json=as_json)
    return True
