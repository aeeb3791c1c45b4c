"""`bandmate midi`: which controllers are there, what they do, and teaching them."""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.installed import check_installed

if TYPE_CHECKING:
    from mido import Message

    from bandmate_server.surfaces.control.model import ControlModel

_GATHER_SECONDS = 2.0


@click.group()
def midi() -> None:
    """List and set up MIDI controllers for `bandmate serve --midi`."""
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
    from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER, MapLibrary, user_map_folder
    from bandmate_server.surfaces.midi.ports import SystemPorts

    model = _installed_model()
    shelf = MapLibrary(model, [user_map_folder(), BUNDLED_FOLDER], _print_error)
    shelf.reload_changed()
    names = _matching_ports(part)
    system, heard = SystemPorts(), queue.Queue[tuple[str, Any]]()
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


def _matching_ports(part: str) -> list[str]:
    """Of the controllers with that in their name. Raises RequestError when there is none."""
    from bandmate_server.surfaces.midi.ports import SystemPorts

    names = [name for name in SystemPorts().port_names() if part.lower() in name.lower()]
    if not names:
        raise RequestError(
            ErrorCode.INPUT_MISSING,
            "No such MIDI controller is connected.",
            "`bandmate midi ports` lists the controllers.",
        )
    return names


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
    import msgspec

    from bandmate_server.surfaces.midi.learning import learn_entry, save_entry
    from bandmate_server.surfaces.midi.map_library import user_map_folder
    from bandmate_server.surfaces.midi.ports import SystemPorts
    from bandmate_server.surfaces.midi.strips import is_strip, strip_ids

    model = _installed_model()
    known = control in model.parameters or control in model.triggers or control in strip_ids()
    if not known:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("There is no control {control}.", control=control),
            "`bandmate midi controls` lists them.",
        )
    names = _matching_ports(part)
    click.echo(f"Move the control for {control} ...")
    port, messages = _listen_for_move(names, seconds)
    entry = learn_entry(control, messages, control in model.parameters or is_strip(control))
    if entry is None:
        raise RequestError(
            ErrorCode.INPUT_MISSING, "No message arrived that can be learned.", "Try `--port`."
        )
    changes = {"mode": mode or entry.mode, "feedback": feedback}
    entry = msgspec.convert({**msgspec.to_builtins(entry), **changes}, type(entry))
    path = save_entry(user_map_folder(), port, entry, SystemPorts().port_names())
    number = "" if entry.number is None else f" {entry.number}"
    click.echo(f"{entry.kind}{number} on channel {entry.channel} ({entry.mode}) is {control}: {path}")


def _listen_for_move(names: Sequence[str], seconds: float) -> tuple[str, list[Message]]:
    """The port that sent first, and what it sent. Raises RequestError when nothing came."""
    from bandmate_server.surfaces.midi.ports import SystemPorts

    heard: queue.Queue[tuple[str, Message]] = queue.Queue()
    system = SystemPorts()
    with ExitStack() as opened:
        for name in names:

            def took(message: Any, name: str = name) -> None:
                if message.type in ("control_change", "note_on", "program_change", "pitchwheel"):
                    heard.put((name, message))

            opened.enter_context(closing(system.open_port(name, took)))
        try:
            port, first = heard.get(timeout=seconds)
        except queue.Empty:
            raise RequestError(
                ErrorCode.INPUT_MISSING, "Nothing was moved.", "Try again; `--seconds` sets a longer wait."
            ) from None
        time.sleep(_GATHER_SECONDS)
    messages = [first]
    while not heard.empty():
        name, message = heard.get()
        if name == port:
            messages.append(message)
    return port, messages


def _installed_model() -> ControlModel:
    from bandmate_plugins._host.loading import read_catalogue
    from bandmate_server.surfaces.control.model import ControlModel

    return ControlModel.from_plugins(read_catalogue())


def _print_error(sentence: str) -> None:
    click.echo(sentence, err=True)
