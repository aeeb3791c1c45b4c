"""The hooks that a plugin may implement. They only register, so they are cheap to call.

A plugin is a module named in the entry-point group `bandmate`. Heavy imports belong inside `Engine.load`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from bandmate_plugins.engine import Engine
    from bandmate_plugins.task import Task

PROJECT = "bandmate"
"""pluggy's project name, and the entry-point group."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the implementation of the hook it is named after."""


@hookspec
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Call `register(task)` for each task: what a musician can ask for."""


@hookspec
def bandmate_engines(register: Callable[[Engine], None]) -> None:
    """Call `register(engine)` for each engine: what does the work."""


@hookspec
def bandmate_executors(register: Callable[[str, Callable[..., Any]], None]) -> None:
    """Call `register(name, factory)` for each executor: where jobs run."""


@hookspec
def bandmate_commands(group: click.Group) -> None:
    """Add commands to the `bandmate` command line with `group.add_command`."""
