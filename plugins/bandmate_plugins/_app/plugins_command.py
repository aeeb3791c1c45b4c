"""The command `bandmate plugins`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from bandmate_protocol.texts import plain_text

if TYPE_CHECKING:
    from rich.table import Table

    from bandmate_plugins._host.loading import PluginCatalogue
    from bandmate_protocol.forms import PropertySchemas

_STYLES = {"enabled": "green", "disabled": "dim", "failed": "red", "invalid": "red", "heavy": "yellow"}


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="Print the whole catalogue as JSON, for programs.")
@click.option("--refresh", is_flag=True, help="Check every plugin again, even if it has not changed.")
@click.option(
    "--task",
    metavar="NAME",
    help="What `--set NAME=VALUE` takes for one task: its parameters, and the options of its engines.",
)
@click.option("--engine", metavar="NAME", help="The options of one engine; with --task, those for that task.")
def plugins_command(as_json: bool, refresh: bool, task: str | None, engine: str | None) -> None:
    """List what is installed, and what is wrong with it."""
    from bandmate_plugins._host.loading import read_catalogue, read_readiness

    plugins = read_readiness(read_catalogue(refresh=refresh))
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(plugins, enc_hook=plain_text)).decode())
        return
    from rich.console import Console

    console = Console(file=sys.stdout)
    for table in _value_tables(plugins, task, engine) if task or engine else [_plugins_table(plugins)]:
        console.print(table)


def _plugins_table(plugins: PluginCatalogue) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table("Plugin", "From", "Status", "Provides", box=None, pad_edge=False, header_style="bold")
    for plugin in plugins.plugins:
        status = Text(plugin.status, style=_STYLES[plugin.status])
        origin = f"{plugin.distribution} {plugin.version}".strip()
        brings = plugin.reason or _contributions_text(plugins, plugin.name)
        table.add_row(Text(plugin.name), Text(origin), status, Text(brings))
    return table


def _value_tables(plugins: PluginCatalogue, task: str | None, engine: str | None) -> list[Table]:
    """What can be set: of a task, of an engine, or of an engine for a task. Raises RequestError.

    The code is `no_such_task` or `no_such_engine`.
    """
    from bandmate_plugins._host.engine_choice import find_engine, find_task
    from bandmate_protocol.forms import option_schemas, task_schemas

    engines = [find_engine(plugins, engine).info] if engine else [each.info for each in plugins.engines]
    if task is None:
        return [_values_table("Option", info.options.get("properties", {})) for info in engines]
    asked = find_task(plugins, task)
    tables = [] if engine else [_values_table("Parameter", task_schemas(asked))]
    for info in engines:
        options = option_schemas(info, asked)
        if options or engine:
            tables.append(_values_table(f"Option of {info.name}", options))
    return tables


def _values_table(title: str, schemas: PropertySchemas) -> Table:
    from rich.table import Table
    from rich.text import Text

    from bandmate_plugins._host.check_params import schema_text

    table = Table(title, "Type", "Default", "Description", box=None, pad_edge=False, header_style="bold")
    for name, schema in schemas.items():
        if kind := schema_text(schema):
            usual = json.dumps(schema["default"]) if "default" in schema else ""
            table.add_row(*map(Text, (name, kind, usual, schema.get("description", ""))))
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
