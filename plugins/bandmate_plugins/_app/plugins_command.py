"""The command `bandmate plugins`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from bandmate_protocol.texts import plain_text, say

if TYPE_CHECKING:
    from rich.table import Table

    from bandmate_plugins._host.loading import PluginCatalogue

_STYLES = {"enabled": "green", "disabled": "dim", "failed": "red", "invalid": "red", "heavy": "yellow"}


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="For programs: the whole catalogue as JSON.")
@click.option("--refresh", is_flag=True, help="Look at every plugin again, whether or not it has changed.")
@click.option("--task", metavar="NAME", help="The parameters of one task, as `--set NAME=VALUE` takes them.")
def plugins_command(as_json: bool, refresh: bool, task: str | None) -> None:
    """List what is installed, and what is wrong with it."""
    from bandmate_plugins._host.loading import read_catalogue, read_readiness

    plugins = read_readiness(read_catalogue(refresh=refresh))
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(plugins, enc_hook=plain_text)).decode())
        return
    from rich.console import Console

    console = Console(file=sys.stdout)
    console.print(_plugins_table(plugins) if task is None else _parameters_table(plugins, task))


def _plugins_table(plugins: PluginCatalogue) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table("Plugin", "From", "Status", "Brings", box=None, pad_edge=False, header_style="bold")
    for plugin in plugins.plugins:
        status = Text(plugin.status, style=_STYLES[plugin.status])
        origin = f"{plugin.distribution} {plugin.version}".strip()
        brings = plugin.reason or _contributions_text(plugins, plugin.name)
        table.add_row(Text(plugin.name), Text(origin), status, Text(brings))
    return table


def _parameters_table(plugins: PluginCatalogue, name: str) -> Table:
    """What a task can be told. Raises RequestError (`no_such_task`)."""
    from rich.table import Table
    from rich.text import Text

    from bandmate_plugins._host.check_params import schema_text
    from bandmate_protocol.errors import ErrorCode, RequestError

    task = next((task for task in plugins.tasks if task.name == name), None)
    if task is None:
        there = ", ".join(task.name for task in plugins.tasks)
        raise RequestError(
            ErrorCode.NO_SUCH_TASK,
            say("There is no task {name}.", name=name),
            say("There are: {there}.", there=there),
        )
    table = Table("Parameter", "Is", "Usually", "What it is", box=None, pad_edge=False, header_style="bold")
    for parameter, schema in task.params["properties"].items():
        if kind := schema_text(schema):
            usual = json.dumps(schema["default"]) if "default" in schema else ""
            table.add_row(*map(Text, (parameter, kind, usual, schema.get("description", ""))))
    return table


def _contributions_text(plugins: PluginCatalogue, name: str) -> str:
    """What an enabled plugin brings, as text."""
    tasks = [task.name for task in plugins.tasks if task.plugin == name]
    engines = [
        engine.name + ("" if engine.info.status == "ready" else f" ({engine.info.status.replace('_', ' ')})")
        for engine in plugins.engines
        if engine.info.plugin == name
    ]
    commands = [command for command, owner in plugins.commands.items() if owner == name]
    kinds = {"tasks": tasks, "engines": engines, "commands": commands}
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)
