"""Who can use the ports of compatible APIs, where the settings open any."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate_plugins._platform import home
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.texts import say
from bandmate_server.config import Settings, load_settings
from bandmate_server.doctor.finding import Finding

if TYPE_CHECKING:
    from bandmate_server.compat.api import CompatApi


def check_compat_apis() -> Iterator[Finding]:
    """Each API that is on: its port, whether it asks for the token, which folders and web pages it lets in."""
    if find_spec("starlette") is None:
        return  # it was said where the server part was looked at
    from bandmate_server.compat.table import APIS

    try:
        settings = load_settings()
    except BandmateError:
        return  # it was said where the server was looked at
    ports = _running_ports()
    on = [api for api in APIS if api.setting in ports or getattr(settings, api.setting) is not None]
    for api in on:
        yield _describe(api, settings, ports)
    if on:
        yield from _check_folders(settings)


def _running_ports() -> dict[str, int]:
    here = home.read_running()
    return here.apis if here is not None else {}


def _describe(api: CompatApi, settings: Settings, ports: dict[str, int]) -> Finding:
    port = ports.get(api.setting)
    where = (
        say("served on port {port}", port=port)
        if port is not None
        else say("port {port}, not served now", port=getattr(settings, api.setting))
    )
    sentence = say(
        "{where}; folders: {folders}; web pages: {origins}; {token}",
        where=where,
        folders=", ".join(settings.compat_folders) or say("none"),
        origins=", ".join(settings.allowed_origins) or say("none"),
        token=say("asks for the token")
        if settings.compat_needs_token
        else say("asks for no token, so that every program on this machine can use it"),
    )
    if settings.compat_needs_token:
        return Finding("good", api.title, sentence)
    return Finding(
        "note", api.title, sentence, "Remove `compat_needs_token` from the settings to change that."
    )


def _check_folders(settings: Settings) -> Iterator[Finding]:
    for folder in settings.compat_folders:
        if not Path(folder).expanduser().is_dir():
            sentence = say("There is no folder {folder}.", folder=folder)
            yield Finding("bad", "compat_folders", sentence, "Correct its path in the settings.")
