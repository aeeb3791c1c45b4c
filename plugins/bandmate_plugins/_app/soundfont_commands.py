"""What `bandmate models` does with SoundFonts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bandmate_plugins._app.download_progress import progress_bar
from bandmate_plugins._models.licence_consent import confirm_licences
from bandmate_plugins._models.room import size_text
from bandmate_plugins._models.soundfont_files import add_soundfont, damage_reason, remove_soundfont
from bandmate_plugins._models.soundfont_places import own_soundfont_folder
from bandmate_plugins._models.soundfont_pull import download_address, pull_soundfont, where_to_get
from bandmate_plugins._models.soundfonts import (
    KNOWN_SOUNDFONTS,
    KnownSoundFont,
    installed_path,
    soundfont_named,
)

_ENGINE = "sketch"
"""The engine that plays from them."""


def soundfont_rows() -> list[tuple[str, str, str, str, str]]:
    """A row of `bandmate models list` for each known SoundFont."""
    return [
        (known.full_name, _ENGINE, size_text(known.size_bytes), _installed_text(known), known.licence)
        for known in KNOWN_SOUNDFONTS
    ]


def soundfont_json() -> list[dict[str, Any]]:
    """The same for programs, with the fields of models as far as they apply."""
    return [
        {
            "name": known.full_name,
            "engine": _ENGINE,
            "hub_id": None,
            "revision": None,
            "commit": None,
            "licence": known.licence,
            "about": f"General MIDI SoundFont; Debian package {known.package}",
            "size_bytes": known.size_bytes,
            "folder": str(path.parent) if (path := installed_path(known)) else None,
            "sha256": known.sha256,
            "file": known.file_name,
        }
        for known in KNOWN_SOUNDFONTS
    ]


def pull_named_soundfont(name: str, place: str | None, *, accepted: bool) -> None:
    """Shows size and licence, asks, and downloads. Raises RequestError."""
    known = soundfont_named(name)
    if (path := installed_path(known)) is not None:
        click.echo(f"{known.full_name} is already installed: {path}.")
        return
    if place is None:
        raise where_to_get(known)
    address = download_address(place)
    click.echo(f"{known.file_name}: {size_text(known.size_bytes)}, licence: {known.licence}.")
    confirm_licences(accepted=accepted)
    with progress_bar(known.full_name, known.size_bytes) as came:
        for count in pull_soundfont(known, address):
            came(count)
    click.echo(f"{known.full_name} is in {known.own_path.parent}. Its SHA-256 is right.")


def add_file(file: Path) -> None:
    """Copies a SoundFont into Bandmate's folder. Raises RequestError (`file_unusable`, `disk_full`)."""
    added = add_soundfont(file)
    if added.known is None:
        click.echo(f"{added.path.name} is in {added.path.parent}. Bandmate does not know it or its licence.")
    else:
        click.echo(f"{added.known.full_name} is in {added.path.parent}. Licence: {added.known.licence}.")


def verify_soundfonts(name: str | None) -> list[str]:
    """Checks Bandmate's copies against their hashes, and returns the names of damaged ones."""
    damaged = []
    for known in [soundfont_named(name)] if name else KNOWN_SOUNDFONTS:
        if not known.own_path.is_file():
            click.echo(f"{known.full_name}: {'not installed' if name is None else _installed_text(known)}")
            continue
        reason = damage_reason(known)
        click.echo(f"{known.full_name}: {reason or 'whole'}")
        if reason:
            damaged.append(known.full_name)
    return damaged


def remove_named_soundfont(name: str) -> None:
    """Deletes Bandmate's copy. Raises RequestError (`bad_params`)."""
    known = soundfont_named(name)
    said = "removed" if remove_soundfont(known) else "not installed"
    if (other := installed_path(known)) is not None:
        said = f"{said.replace('not installed', 'not in the folder of Bandmate')}; {other} was kept"
    click.echo(f"{known.full_name}: {said}")


def _installed_text(known: KnownSoundFont) -> str:
    path = installed_path(known)
    if path is None:
        return "no"
    return "yes" if path.parent == own_soundfont_folder().resolve() else "in the system"
