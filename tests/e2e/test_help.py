"""Every help page, as a user sees it."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from bandmate_bridge.plugin import bandmate_commands as bridge_commands
from bandmate_plugins._app.models_command import bandmate_commands as model_commands
from bandmate_server.plugin import bandmate_commands as server_commands


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


def _all() -> dict[str, click.Command]:
    root = click.Group("bandmate")
    for add in (bridge_commands, server_commands, model_commands):
        add(root)
    return dict(_commands(root))


@pytest.mark.parametrize("name", sorted(_all()))
def test_examples_stand_on_lines_of_their_own(name: str) -> None:
    command = _all()[name]
    help_text = command.get_help(click.Context(command, info_name=f"bandmate {name}"))
    assert "\\b" not in help_text
    assert "\b" not in help_text
    for line in help_text.splitlines():
        if line.startswith("  bandmate "):
            assert line.count("bandmate ") == 1, line
    summary = (command.help or "").split("\n\n")[0].strip()
    assert summary.endswith((".", ":")) or "`" in summary, summary
