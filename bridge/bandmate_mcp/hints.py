"""What a tool does to what is there, as assistants' programs read it (MCP, tool annotations).

Programs ask their users less about tools that only read, so a hint is true or it is worth nothing.
"""

from __future__ import annotations

from mcp.types import ToolAnnotations


def _hints(*, reads: bool, destroys: bool, repeats: bool, open_world: bool = False) -> ToolAnnotations:
    return ToolAnnotations(
        read_only_hint=reads, destructive_hint=destroys, idempotent_hint=repeats, open_world_hint=open_world
    )


READS = _hints(reads=True, destroys=False, repeats=True)
"""Changes nothing, not even the list of jobs."""
TAKES_UP = _hints(reads=False, destroys=False, repeats=True)
"""Brings something back or starts it again where it was stopped; a second call finds it done."""
ADDS = _hints(reads=False, destroys=False, repeats=False)
"""Adds a job, a track, a take or a file with every call; all that was there stays."""
REPLACES = _hints(reads=False, destroys=True, repeats=False)
"""As `ADDS`, and replaces a file where the user agrees."""
SETS = _hints(reads=False, destroys=True, repeats=True)
"""What was there before is gone; a second call changes nothing more."""
DOWNLOADS = _hints(reads=False, destroys=False, repeats=True, open_world=True)
"""From the internet; what is here is not downloaded again."""
RUNS_ANYTHING = _hints(reads=False, destroys=False, repeats=False, open_world=True)
"""A task of a plugin may reach other machines."""


def check_hints(tool: str, hints: ToolAnnotations | None) -> None:
    """Raises TypeError for a tool that leaves out one of the four."""
    given = hints.model_dump() if hints is not None else {}
    names = ("read_only_hint", "destructive_hint", "idempotent_hint", "open_world_hint")
    if missing := [name for name in names if given.get(name) is None]:
        raise TypeError(f"the tool {tool} needs annotations: {', '.join(missing)}")
