"""Whether surfaces can come: the settings for OSC, its port, the maps of controllers, and MIDI itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from importlib.util import find_spec

from bandmate_plugins._host.loading import read_catalogue
from bandmate_plugins._platform import home
from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.texts import say
from bandmate_server.config import Settings, load_settings
from bandmate_server.doctor.finding import Finding


def check_surfaces() -> Iterator[Finding]:
    """What the settings ask for, and no more: few have a surface."""
    try:
        settings = load_settings()
    except BandmateError:
        return  # it was said where the server was looked at
    if settings.osc:
        yield from _check_osc(settings)
    if settings.midi:
        yield from _check_midi()


def _check_osc(settings: Settings) -> Iterator[Finding]:
    from bandmate_server.surfaces.osc import osc_settings

    try:
        wanted = osc_settings(settings)
    except BandmateError as error:
        yield Finding("bad", "OSC", error.sentence, error.remedy)
        return
    if wanted.announce and find_spec("zeroconf") is None:
        yield Finding("note", "OSC", "It is not announced, because zeroconf is missing.", how_to_add("lan"))
    who = ", ".join(["this machine", *sorted(wanted.peers)])
    if _is_free(wanted.host, wanted.port):
        yield Finding("good", "OSC", say("UDP port {port}, for {who}", port=wanted.port, who=who))
    elif home.read_running() is not None:
        yield Finding(
            "good",
            "OSC",
            say("UDP port {port} is in use by the running server; for {who}", port=wanted.port, who=who),
        )
    else:
        from bandmate_server.port_holder import taken_by_text

        yield Finding(
            "bad",
            "OSC",
            say(
                "UDP port {port} is in use{holder}.",
                port=wanted.port,
                holder=taken_by_text(wanted.port, "udp") or say(" by another program"),
            ),
            "Stop it, or set another `osc_port` in the settings; 0 takes a free one.",
        )


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _check_midi() -> Iterator[Finding]:
    from bandmate_server.surfaces.control.model import ControlModel
    from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER, MapLibrary, user_map_folder
    from bandmate_server.surfaces.midi.ports import SystemPorts

    mistakes: list[str] = []
    shelf = MapLibrary(
        ControlModel.from_plugins(read_catalogue()), [user_map_folder(), BUNDLED_FOLDER], mistakes.append
    )
    shelf.reload_changed()
    for sentence in mistakes:
        yield Finding("bad", "MIDI map", sentence, "Correct that line; `bandmate midi maps` checks it again.")
    try:
        names = SystemPorts().port_names()
    except BandmateError as error:
        yield Finding("bad", "MIDI", error.sentence, error.remedy)
        return
    used = {name: shelf.map_for_port(name) for name in names}
    shown = [f"{name} ({found.name if found is not None else 'no map'})" for name, found in used.items()]
    yield Finding(
        "good",
        "MIDI",
        say("controllers: {controllers}", controllers=", ".join(shown) or say("none connected")),
    )
