"""`bandmate midi`: which controllers are there, what they do, and teaching them."""

from __future__ import annotations

import queue
import time
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.installed import check_installed

if TYPE_CHECKING:
    from mido import Message

    from bandmate_server.surfaces.control.model import ControlModel


@click.group()
def midi() -> None:
    """List and set up MIDI controllers for `serve --midi`."""
    check_installed()


@midi.command()
def ports() -> None:
    """List the connected controllers, each with its map."""
    from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER, MapLibrary, user_map_folder
    from bandmate_server.surfaces.midi.ports import SystemPorts

    shelf = MapLibrary(_installed_model(), [user_map_folder(), BUNDLED_FOLDER], _print_error)
    shelf.reload_changed()
    for name in SystemPorts().port_names():
        used = shelf.map_for_port(name)
        click.echo(f"{name}: {used.name if used is not None else 'no map; `bandmate midi learn` starts one'}")


@midi.command()
def maps() -> None:
    """List the maps and their mistakes, by file and line."""
    from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER, MapLibrary, user_map_folder

    mistakes: list[str] = []
    shelf = MapLibrary(_installed_model(), [user_map_folder(), BUNDLED_FOLDER], mistakes.append)
    shelf.reload_changed()
    for each in shelf.all_maps():
        ports = ", ".join(each.ports)
        click.echo(f"{each.name}: {len(each.entries)} controls, for ports like {ports}, in {each.path}")
    if mistakes:
        raise RequestError(ErrorCode.BAD_PARAMS, " ".join(mistakes), "Correct the lines named above.")
    if not shelf.all_maps():
        click.echo("There are no maps yet; `bandmate midi learn` starts one.")


@midi.command()
def controls() -> None:
    """List what a knob or pad can control."""
    from bandmate_server.surfaces.midi.strips import pages_of

    model = _installed_model()
    for parameter in model.parameters.values():
        if parameter.kind != "text":
            click.echo(f"{parameter.id:<40} {parameter.kind:<8} {parameter.title}")
    for trigger in model.triggers.values():
        click.echo(f"{trigger.id:<40} {'press':<8} {trigger.title}")
    click.echo("\nPages of strips, for `strip/1` to `strip/8` and their `strip/1/push`:")
    for number, page in enumerate(pages_of(model.parameters.values()), 1):
        click.echo(f"strips/page/{number:<28} {'press':<8} {', '.join(page.parameters)}")
    click.echo(f"{'strips/next, strips/previous, strips/run':<40} {'press':<8} Turns the page, runs its task")


@midi.command()
@click.option("--port", "part", default="", help="Only controllers with this in their name.")
@click.option("--seconds", type=click.FloatRange(0.1), help="Seconds to listen.  [default: until Ctrl-C]")
def monitor(part: str, seconds: float | None) -> None:
    """Show what controllers send, and what it controls."""
    from bandmate_server.surfaces.midi.learning import describe_message
    from bandmate_server.surfaces.midi.listening import matching_ports
    from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER, MapLibrary, user_map_folder
    from bandmate_server.surfaces.midi.ports import SystemPorts

    model = _installed_model()
    shelf = MapLibrary(model, [user_map_folder(), BUNDLED_FOLDER], _print_error)
    shelf.reload_changed()
    system, heard = SystemPorts(), queue.Queue[tuple[str, Any]]()
    names = matching_ports(system, part)
    with ExitStack() as opened:
        for name in names:
            took = partial(_queue_message, heard, name)
            opened.enter_context(closing(system.open_port(name, took)))
        click.echo(f"Listening to {', '.join(names)}. Ctrl-C ends it.")
        until = None if seconds is None else time.monotonic() + seconds
        while until is None or time.monotonic() < until:
            try:
                name, message = heard.get(timeout=0.1)
            except queue.Empty:
                continue
            used = shelf.map_for_port(name)
            click.echo(f"{name}: {describe_message(message, used.entries if used is not None else ())}")


def _queue_message(heard: queue.Queue[tuple[str, Any]], name: str, message: Message) -> None:
    heard.put((name, message))


@midi.command()
@click.argument("control")
@click.option("--port", "part", default="", help="Only controllers with this in their name.")
@click.option("--seconds", type=click.FloatRange(0.1), default=30.0, help="Seconds to wait for a move.")
@click.option("--mode", type=click.Choice(["absolute", "pickup", "twos", "offset", "sign"]))
@click.option("--feedback", type=click.Choice(["none", "value", "ring", "led"]), default="none")
def learn(control: str, part: str, seconds: float, mode: str | None, feedback: str) -> None:
    """Move a knob or press a pad to assign it to CONTROL.

    A running server uses it within a second. Turn an endless knob in both directions.
    """
    import asyncio

    import msgspec

    from bandmate_server.surfaces.midi.learning import check_learnable, learned_entry, save_entry
    from bandmate_server.surfaces.midi.listening import listen_for_move, matching_ports
    from bandmate_server.surfaces.midi.map_library import user_map_folder
    from bandmate_server.surfaces.midi.ports import SystemPorts

    model, system = _installed_model(), SystemPorts()
    check_learnable(control, model)
    names = matching_ports(system, part)
    click.echo(f"Move the control for {control} ...")
    port, messages = asyncio.run(listen_for_move(system, names, seconds))
    entry = learned_entry(control, messages, model)
    changes = {"mode": mode or entry.mode, "feedback": feedback}
    entry = msgspec.convert({**msgspec.to_builtins(entry), **changes}, type(entry))
    path = save_entry(user_map_folder(), port, entry, system.port_names())
    number = "" if entry.number is None else f" {entry.number}"
    click.echo(f"{entry.kind}{number} on channel {entry.channel} ({entry.mode}) is {control}: {path}")


def _installed_model() -> ControlModel:
    from bandmate_plugins._host.loading import read_catalogue
    from bandmate_server.surfaces.control.model import ControlModel

    return ControlModel.from_plugins(read_catalogue())


def _print_error(sentence: str) -> None:
    click.echo(sentence, err=True)
