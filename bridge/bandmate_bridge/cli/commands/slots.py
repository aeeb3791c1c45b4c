"""`bandmate slots`: saved requests under numbers, for surfaces and plugins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from bandmate_bridge.cli.options.types import parse_assignment
from bandmate_plugins._platform.json_text import typed_value

if TYPE_CHECKING:
    from bandmate_bridge.client.client import Client
    from bandmate_protocol.messages import Slot

_NUMBER = click.IntRange(1, 64)


@click.group(invoke_without_command=True)
@click.pass_context
def slots(context: click.Context) -> None:
    """List, fill and empty slots for surfaces and plugins."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@slots.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, for programs.")
def show(as_json: bool = False) -> None:
    """List the slots."""
    found = _ask_server(lambda client: client.slots())
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        _print_slots(found)


@slots.command("store")
@click.argument("number", type=_NUMBER)
@click.argument("task")
@click.argument("prompt", nargs=-1)
@click.option("--name", default="", help="Name to show on displays.")
@click.option("--engine", help="Engine.  [default: the best available]")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter or an option of the engine; repeat for more.",
)
def store(
    number: int, task: str, prompt: tuple[str, ...], name: str, engine: str | None, sets: tuple[str, ...]
) -> None:
    """Fill a slot: `bandmate slots store 3 generate warm bass`."""
    from bandmate_protocol.messages import Slot
    from bandmate_protocol.units import one_line

    values = {name: typed_value(value) for name, value in map(parse_assignment, sets)}
    params = {**({"prompt": " ".join(prompt)} if prompt else {}), **values}
    slot = Slot(number=number, task=task, name=one_line(name), params=params, engine=engine)
    _print_slots(_ask_server(lambda client: client.store_slot(slot)))


@slots.command("clear")
@click.argument("number", type=_NUMBER)
def clear(number: int) -> None:
    """Empty a slot."""
    _print_slots(_ask_server(lambda client: client.clear_slot(number)))


def _ask_server(question: Any) -> Any:
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay

    with ProgressDisplay() as display, connect_client(display) as client:
        asked: Client = client
        return question(asked)


def _print_slots(found: Sequence[Slot]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not found:
        click.echo("All slots are empty. `bandmate slots store 1 generate warm bass` fills one.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("Slot", "Name", "Task", "Parameters"):
        table.add_column(title)
    for slot in found:
        values = ", ".join(f"{name}: {value}" for name, value in (slot.params | slot.options).items())
        table.add_row(*map(Text, (str(slot.number), slot.name, slot.task, values)))
    Console().print(table)
