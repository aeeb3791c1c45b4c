"""`bandmate models`: what the engines want, what is here, and how it gets here."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from bandmate_plugins.hooks import hookimpl
from bandmate_protocol.errors import ErrorCode, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bandmate_plugins.models.pull import Offer, Progress


@click.group()
def models() -> None:
    """List, fetch, check and remove the models of engines."""


@models.command("list")
def list_command() -> None:
    """List the models that the installed engines want, and which are here."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bandmate_plugins.models.known import known_models
    from bandmate_plugins.models.place import find_model, pinned_commit

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Model", "Engine", "Size", "Here", "Licence"):
        # A name is there to be copied: in a narrow window the licence takes more lines instead.
        table.add_column(title, no_wrap=title != "Licence")
    for known in known_models():
        model = known.model
        here = find_model(model) is not None
        state = f"yes, {(pinned_commit(model) or 'a folder')[:8]}" if here else "no"
        row = (known.name, known.engine, _size(model.size_bytes), state, model.licence)
        table.add_row(*map(Text, row))
    Console(file=sys.stdout).print(table)


@models.command("pull")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Fetch without asking.")
@click.option("--update", is_flag=True, help="Take the newest commit in place of the one that was pinned.")
def pull_command(name: str, yes: bool, update: bool) -> None:
    """Fetch a model, or all of an engine's, after showing its licence and size."""
    from bandmate_plugins.models.known import named
    from bandmate_plugins.models.pull import ask, pull

    offers = [ask(known.model, update=update) for known in named(name)]
    for offer in offers:
        where = f"{offer.model.hub_id} at {offer.commit[:8]}"
        click.echo(f"{where}: {_size(offer.size_bytes)}, licence: {offer.licence}.")
        if offer.model.licence != offer.licence:
            click.echo(f"  What is known here of its licence: {offer.model.licence}.")
    if not yes and not click.confirm("Fetch, under these licences?", default=False):
        raise RequestError(ErrorCode.NOT_ALLOWED, "Nothing was fetched.", "--yes accepts the licences.")
    for offer in offers:
        _check_room(offer)
        with _bar(offer.model.hub_id) as progress:
            folder = pull(offer, progress)
        click.echo(f"{offer.model.hub_id} is in {folder}.")


@models.command("verify")
@click.argument("name", required=False)
def verify_command(name: str | None) -> None:
    """Read the models that are here, and compare them with their hashes."""
    from bandmate_plugins.models.known import known_models, named
    from bandmate_plugins.models.place import find_model
    from bandmate_plugins.models.verify import damaged

    bad = []
    for known in named(name) if name else known_models():
        folder = find_model(known.model)
        if folder is None:
            click.echo(f"{known.name}: not here")
            continue
        found = damaged(folder, known.model)
        reasons = "; ".join(f"{file}: {reason}" for file, reason in found.items())
        click.echo(f"{known.name}: {reasons or 'whole'}")
        bad += [known.name] if found else []
    if bad:
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            f"Not whole: {', '.join(bad)}.",
            f"`bandmate models remove {bad[0]}` and `bandmate models pull {bad[0]}` fetch it anew.",
        )


@models.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Delete a model, or all of an engine's, from the hub's cache."""
    from bandmate_plugins.models.known import known_models, named
    from bandmate_plugins.models.remove import remove

    everything = [known.model for known in known_models()]
    for known in named(name):
        click.echo(f"{known.name}: {'removed' if remove(known.model, everything) else 'not here'}")


def _check_room(offer: Offer) -> None:
    from bandmate_plugins.models.place import hub_cache

    place = hub_cache()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < offer.size_bytes:
        raise RequestError(
            ErrorCode.DISK_FULL,
            f"{offer.model.hub_id} takes {_size(offer.size_bytes)}, and {_size(free)} are free at {place}.",
            "Free some space, or set HF_HOME to a folder on another disk.",
        )


@contextmanager
def _bar(title: str) -> Iterator[Progress]:
    """A bar on a terminal, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns: tuple[Any, ...] = (TextColumn(title), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _size(size_bytes: int) -> str:
    if not size_bytes:
        return "not known"
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.1f} MB"


@hookimpl
def bandmate_commands(group: click.Group) -> None:
    """Adds `bandmate models`."""
    group.add_command(models)
