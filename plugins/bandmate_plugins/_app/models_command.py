"""`bandmate models` and the task `pull`: what the engines want, what is here, and how it gets here."""

from __future__ import annotations

import pathlib
import sys
from typing import TYPE_CHECKING, Any

import click

from bandmate_plugins._models.soundfonts import is_soundfont_name
from bandmate_plugins._tasks.model_upkeep import RemoveTask, VerifyTask
from bandmate_plugins._tasks.pull import PullTask
from bandmate_plugins.hooks import hookimpl
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from bandmate_plugins._host.known_models import KnownModel
    from bandmate_plugins.model import Model
    from bandmate_plugins.task import Task


@click.group()
def models() -> None:
    """List, download, check and remove models and SoundFonts."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, for programs.")
def list_command(as_json: bool) -> None:
    """List models and SoundFonts, and which are installed."""
    if as_json:
        from bandmate_plugins._app.soundfont_commands import soundfont_json
        from bandmate_plugins._host.known_models import known_models
        from bandmate_plugins._platform.json_text import json_text

        click.echo(json_text([*(_model_json(known) for known in known_models()), *soundfont_json()]))
    else:
        _print_models()


def _model_json(known: KnownModel) -> dict[str, Any]:
    from bandmate_plugins._models.place import find_model, pinned_commit

    model, folder = known.model, find_model(known.model)
    return {
        "name": known.name,
        "engine": known.engine,
        "hub_id": model.hub_id,
        "revision": model.revision,
        "commit": pinned_commit(model),
        "licence": model.licence,
        "about": model.about,
        "size_bytes": model.size_bytes or None,
        "folder": str(folder) if folder else None,
    }


def _print_models() -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bandmate_plugins._app.soundfont_commands import soundfont_rows
    from bandmate_plugins._host.known_models import known_models
    from bandmate_plugins._models.place import find_model, pinned_commit
    from bandmate_plugins._models.room import size_text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Model", "Engine", "Size", "Installed", "Licence"):
        # A name is there to be copied: in a narrow window the licence takes more lines instead.
        table.add_column(title, no_wrap=title != "Licence")
    for known in known_models():
        model = known.model
        here = find_model(model) is not None
        state = f"yes, {(pinned_commit(model) or 'a folder')[:8]}" if here else "no"
        size = size_text(model.size_bytes) if model.size_bytes else "unknown"
        row = (known.name, known.engine, size, state, model.licence)
        table.add_row(*map(Text, row))
    for row in soundfont_rows():
        table.add_row(*map(Text, row))
    Console(file=sys.stdout).print(table)


@models.command("pull")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Download without asking.")
@click.option("--update", is_flag=True, help="Use the newest commit instead of the pinned one.")
@click.option(
    "--from",
    "address",
    metavar="ADDRESS",
    help="Where a SoundFont is: https://host/file.sf3, or hub:OWNER/NAME/FILE.",
)
def pull_command(name: str, yes: bool, update: bool, address: str | None) -> None:
    """Show a model's size and licence, then download it. An engine's name stands for all of its models.

    A SoundFont comes from the address that you name, and is kept only if its SHA-256 is the right one.
    """
    if is_soundfont_name(name):
        from bandmate_plugins._app.soundfont_commands import pull_named_soundfont

        pull_named_soundfont(name, address, accepted=yes)
        return
    from bandmate_plugins._app.download_progress import progress_bar
    from bandmate_plugins._host.known_models import models_named
    from bandmate_plugins._models.licence_consent import confirm_licences, known_licence_lines
    from bandmate_plugins._models.pull import ask_hub, pull_offer
    from bandmate_plugins._models.room import check_room, free_bytes, missing_bytes, size_text

    offers = [ask_hub(known.model, update=update) for known in models_named(name)]
    for offer in offers:
        where = f"{offer.model.hub_id} at {offer.commit[:8]}"
        click.echo(f"{where}: {size_text(offer.size_bytes)}, licence: {offer.licence}.")
        for line in known_licence_lines(offer.model.licence, offer.licence):
            click.echo(line)
    for remark in dict.fromkeys(offer.remark for offer in offers if offer.remark):
        click.echo(f"  {remark}")
    missing, (free, place) = missing_bytes(offers), free_bytes()
    click.echo(
        f"{size_text(missing) if missing else 'Nothing'} to download; {size_text(free)} free at {place}."
    )
    check_room(offers)
    confirm_licences(accepted=yes)
    for offer in offers:
        with progress_bar(offer.model.hub_id, missing_bytes([offer])) as came:
            for count in pull_offer(offer):
                came(count)
        click.echo(f"{offer.model.hub_id} is in {offer.folder}.")


@models.command("verify")
@click.argument("name", required=False)
def verify_command(name: str | None) -> None:
    """Check the installed models against their hashes."""
    from bandmate_plugins._host.known_models import known_models, models_named
    from bandmate_plugins._models.place import own_folder
    from bandmate_plugins._models.verify import check_model

    if name is not None and is_soundfont_name(name):
        _verify_soundfonts(name)
        return
    bad: dict[str, Model] = {}
    for known in models_named(name) if name else known_models():
        checked = check_model(known.model)
        click.echo(checked.sentence(known.name))
        if checked.damage:
            bad[known.name] = known.model
    if bad:
        first, model = next(iter(bad.items()))
        own = own_folder(model)
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("Incomplete: {names}.", names=", ".join(bad)),
            say("Put its files into {own} again.", own=own)
            if own
            else say(
                "`bandmate models remove {first}` and `bandmate models pull {first}` download it again.",
                first=first,
            ),
        )
    if name is None:
        _verify_soundfonts(None)


def _verify_soundfonts(name: str | None) -> None:
    from bandmate_plugins._app.soundfont_commands import verify_soundfonts

    if damaged := verify_soundfonts(name):
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("Incomplete: {names}.", names=", ".join(damaged)),
            say("`bandmate models remove {first}`, then add or pull it again.", first=damaged[0]),
        )


@models.command("add")
@click.argument("file", type=click.Path(path_type=pathlib.Path))
def add_command(file: pathlib.Path) -> None:
    """Copy a SoundFont into Bandmate's folder.

    FILE is an .sf2 or .sf3 file, or a Debian package, tar or zip archive with one that Bandmate knows.
    """
    from bandmate_plugins._app.soundfont_commands import add_file

    add_file(file)


@models.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Delete a model, all models of an engine, or a SoundFont.

    Models are in the hub's cache, SoundFonts in Bandmate's folder.
    """
    if is_soundfont_name(name):
        from bandmate_plugins._app.soundfont_commands import remove_named_soundfont

        remove_named_soundfont(name)
        return
    from bandmate_plugins._host.known_models import known_models, models_named
    from bandmate_plugins._models.links import linked_folder
    from bandmate_plugins._models.place import own_folder
    from bandmate_plugins._models.remove import freeable_bytes, remove_model
    from bandmate_plugins._models.room import size_text

    everything = [known.model for known in known_models()]
    for known in models_named(name):
        freeable, linked = freeable_bytes(known.model, everything), linked_folder(known.model)
        removed = f"removed, {size_text(freeable)} freed"
        said = removed if remove_model(known.model, everything) else "not installed"
        if linked is not None:
            kept = f"no longer used from {linked}, whose files were kept"
            said = f"{removed}; {kept}" if freeable else kept
        if own := own_folder(known.model):
            said = f"{said.replace('not installed', 'not in the cache')}; {own} is yours and was kept"
        click.echo(f"{known.name}: {said}")


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers `pull`, `verify_model` and `remove_model`."""
    register(PullTask())
    register(VerifyTask())
    register(RemoveTask())


@hookimpl
def bandmate_commands(group: click.Group) -> None:
    """Adds `bandmate models`."""
    group.add_command(models)
