"""The checks, from the ground up: Python, folders, port, plugins, models."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bandmate_plugins._host.loading import read_catalogue
from bandmate_plugins._platform import home
from bandmate_plugins._platform.environment import server_settings, setting_differences
from bandmate_plugins._platform.health import is_own_server
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.texts import say
from bandmate_protocol.version import __version__
from bandmate_server.config import load_settings
from bandmate_server.doctor.compat import check_compat_apis
from bandmate_server.doctor.finding import Finding
from bandmate_server.doctor.folders import data_folder
from bandmate_server.doctor.job_table import check_job_table
from bandmate_server.doctor.soundfonts import check_soundfonts
from bandmate_server.doctor.surfaces import check_surfaces
from bandmate_server.doctor.torch import check_torch
from bandmate_server.installed import check_installed
from bandmate_server.privacy import close_folders

_MIN_FREE_BYTES = 2_000_000_000


def check_python() -> Iterator[Finding]:
    """Version of Python, and whether the server part is installed."""
    version = platform.python_version()
    yield Finding(
        "good",
        "Bandmate",
        say(
            "{version} on Python {python}, {platform}",
            version=__version__,
            python=version,
            platform=platform.platform(),
        ),
    )
    try:
        check_installed()
    except BandmateError as error:
        yield Finding("bad", "server part", error.sentence, error.remedy)


def check_folders() -> Iterator[Finding]:
    """Whether Bandmate's folders can be written, with room left, and the token is private."""
    data = data_folder()
    try:
        data.mkdir(parents=True, exist_ok=True)
        probe = data / f".probe-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        yield Finding(
            "bad",
            "data folder",
            say("{data} cannot be written: {strerror}.", data=data, strerror=error.strerror),
            "Correct its permissions.",
        )
        return
    free = shutil.disk_usage(data).free
    if free < _MIN_FREE_BYTES:
        sentence = say("{data} has {free_gb:.1f} GB left.", data=data, free_gb=free / 1e9)
        yield Finding("note", "data folder", sentence, "Free some space, or lower retention_gb.")
    else:
        used = say(
            "{used_gb:.1f} GB used, {free_gb:.0f} GB free",
            used_gb=_used_bytes(data) / 1e9,
            free_gb=free / 1e9,
        )
        yield Finding("good", "data folder", say("{data}, {used}", data=data, used=used))
    yield Finding("good", "settings folder", str(home.config_dir()))
    yield Finding("good", "log", str(home.state_dir() / "log"))
    yield Finding("good", "cache folder", str(home.cache_dir()))
    yield from _check_privacy()
    yield from _check_token()


def _used_bytes(folder: Path) -> int:
    """What the files in a folder take up; one that goes meanwhile counts nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(parent, name)).st_size
    return total


def _check_privacy() -> Iterator[Finding]:
    """Whether other users are kept out; what is open and ours is closed, as the server does at its start."""
    try:
        settings = load_settings()
    except BandmateError:
        return  # said where the server is looked at
    try:
        said = close_folders(settings)
    except BandmateError as error:
        yield Finding("bad", "privacy", error.sentence, error.remedy)
        return
    for sentence in said:
        yield Finding("note", "privacy", sentence)
    if not said:
        yield Finding("good", "privacy", "other users are kept out of prompts, audio and logs")


def _check_token() -> Iterator[Finding]:
    path = home.config_dir() / "token"
    was_open = sys.platform != "win32" and path.exists() and path.stat().st_mode & 0o077
    try:
        home.server_token()
    except BandmateError as error:
        yield Finding("bad", "token", error.sentence, error.remedy)
        return
    if was_open:
        sentence = say(
            "Others on this machine could read {path}; Bandmate just corrected its permissions.", path=path
        )
        yield Finding("note", "token", sentence, "If they may have read it, delete it to get a new one.")
    else:
        yield Finding("good", "token", say("{path}, private", path=path))


def check_server() -> Iterator[Finding]:
    """Whether the settings can be read, a server runs, or its port is free."""
    try:
        settings = load_settings()
    except BandmateError as error:
        yield Finding("bad", "settings", error.sentence, error.remedy)
        return
    found = home.read_running()
    if found is not None and _is_listening(found.host, found.port):
        yield _check_running(found)
        yield from _check_settings(found)
    elif settings.port and _is_listening(settings.host, settings.port):
        from bandmate_server.port_holder import taken_by_text

        yield Finding(
            "bad",
            "port",
            say(
                "{host}:{port} is in use{holder}.",
                host=settings.host,
                port=settings.port,
                holder=taken_by_text(settings.port) or say(" by another program"),
            ),
            "Stop it, or set another `port` in the settings; `--port 0` takes a free one.",
        )
    else:
        yield Finding("good", "server", "not running; commands start it when they need it")


def _check_running(found: home.ServerRecord) -> Finding:
    where = f"{found.host}:{found.port}"
    if is_own_server(home.reachable_host(found.host), found.port, home.server_token()):
        return Finding(
            "good", "server", say("running on {where} (process {pid})", where=where, pid=found.pid)
        )
    return Finding(
        "bad",
        "server",
        say(
            "The program on {where} does not prove that it has your token: either the server "
            "there died and another program took its port, or the token was replaced while the "
            "server ran.",
            where=where,
        ),
        "Commands start their own server on another port. If yours still runs, stop it.",
    )


def _check_settings(server: home.ServerRecord) -> Iterator[Finding]:
    """What the environment says here and the server does not work by; one that commands start makes way."""
    here = server_settings(os.environ)
    other = [] if server.on_demand else setting_differences(server.settings or here, here, both_ways=False)
    if other:
        sentence = say(
            "The server was started with other settings: {settings}.", settings="; ".join(map(str, other))
        )
        yield Finding(
            "note", "settings", sentence, "Stop it and start `bandmate serve` here to use these settings."
        )


def _is_listening(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def check_plugins() -> Iterator[Finding]:
    """What became of every plugin, and which engines are ready."""
    plugins = read_catalogue(refresh=True)
    for plugin in plugins.plugins:
        if plugin.status == "disabled":
            yield Finding(
                "note",
                say("plugin {plugin}", plugin=plugin.name),
                say("disabled. {reason}", reason=plugin.reason),
            )
        elif plugin.status != "enabled":
            yield Finding(
                "bad",
                say("plugin {plugin}", plugin=plugin.name),
                say("{status}: {reason}", status=plugin.status, reason=plugin.reason),
                "Update or remove it.",
            )
    for engine in plugins.engines:
        about, sentence = say("engine {engine}", engine=engine.name), engine.info.reason or engine.info.title
        yield Finding("good" if engine.info.status == "ready" else "note", about, sentence)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python,
    check_folders,
    check_job_table,
    check_server,
    check_plugins,
    check_soundfonts,
    check_surfaces,
    check_compat_apis,
    check_torch,
)
