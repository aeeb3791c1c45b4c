"""A command whose project REAPER has open: the result goes in there, and is told as always."""

from __future__ import annotations

from bandmate_bridge.cli.display import ProgressDisplay
from bandmate_bridge.cli.report import print_result
from bandmate_bridge.watch.routed import ReaperRoute, run_through_reaper


def route_to_reaper(route: ReaperRoute, *, as_json: bool = False) -> bool:
    """Has it made into the project inside REAPER, where that has it open; whether it was."""
    with ProgressDisplay() as display:
        routed = run_through_reaper(route, display)
    if routed is None:
        return False
    print_result(routed, as_json=as_json)
    return True
