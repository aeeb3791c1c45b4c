"""What somebody who types `bandmate --help`, or a command's name wrongly, reads."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from bandmate_plugins._app.root import bandmate as root
from tests.bridge.command_line import CommandLine

TERMINAL = 80


def groups(group: click.Group, name: str) -> Iterator[tuple[str, click.Group]]:
    yield name, group
    context = click.Context(group)
    for child in group.list_commands(context):
        command = group.get_command(context, child)
        if isinstance(command, click.Group):
            yield from groups(command, f"{name} {child}")


def test_no_line_about_a_command_is_cut_off() -> None:
    listed = dict(groups(root, "bandmate"))
    assert {"bandmate", "bandmate models", "bandmate midi"} <= listed.keys()
    for name, group in listed.items():
        page = group.get_help(click.Context(group, info_name=name, terminal_width=TERMINAL))
        _, _, commands = page.partition("Commands:")
        assert commands, name
        assert "..." not in commands, commands


@pytest.mark.parametrize(("typed", "meant"), [("generat", "generate"), ("seperate", "separate")])
def test_a_mistyped_command_is_told_the_near_one(bandmate: CommandLine, typed: str, meant: str) -> None:
    said = bandmate.refused(typed, code=2)
    assert f"No such command '{typed}'" in said
    assert f"'{meant}'" in said
