"""Whether Ardour has a session open.

Ardour keeps a session in memory and writes it whole at the next save, and no lock says which one it has. But it holds
the session's audio files open, which Linux shows, is started with a session, or names the one that it opened last in
its settings. Elsewhere an Ardour that runs is taken to have this one open.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from bandmate_bridge.rpp.open_elsewhere import process_names

_ARDOUR = re.compile(r"(?:h?ardour|mixbus|luasession)", re.IGNORECASE)
_SCRIPTED = "luasession"
_RECENT = re.compile(r"ardour[0-9]+")


def ardour_has_open(session: Path) -> bool:
    """Whether an Ardour on this machine may have a session open; yes where that cannot be told."""
    proc = Path("/proc")
    return has_open(session, proc) if (proc / "self" / "fd").is_dir() else _any_runs(process_names)


def _any_runs(list_processes: Callable[[], Iterable[str]]) -> bool:
    try:
        return any(_ARDOUR.match(name.strip()) for name in list_processes())
    except (OSError, subprocess.SubprocessError):
        return True


def has_open(session: Path, proc: Path) -> bool:
    """The same by what the system tells of its processes in ``proc``."""
    folder = session.resolve().parent
    return any(_holds(process, name, folder, session.stem) for process, name in _ardours(proc))


def _ardours(proc: Path) -> Iterable[tuple[Path, str]]:
    for process in proc.iterdir():
        if process.name.isdigit():
            try:
                name = (process / "comm").read_text("utf-8", "replace").strip()
            except OSError:
                # It ended between the listing and the reading.
                continue
            if _ARDOUR.match(name):
                yield process, name


def _holds(process: Path, name: str, folder: Path, snapshot: str) -> bool:
    try:
        files = [Path(os.readlink(one)) for one in (process / "fd").iterdir()]
    except FileNotFoundError:
        return False
    except OSError:
        return True
    if any(file.is_relative_to(folder / "interchange") for file in files):
        return True
    if any("interchange" in file.parts for file in files):
        return False
    # A session without audio, or one that is being opened: Ardour was started with it, or has put its name first among
    # the recent ones. Scripts do neither.
    return name != _SCRIPTED and (_was_given(process, folder) or _is_recent(process, folder, snapshot))


def _was_given(process: Path, folder: Path) -> bool:
    """Whether the session was named as the program was started."""
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        base = Path(os.readlink(process / "cwd"))
    except OSError:
        return False
    return any(folder in (place := base / os.fsdecode(word), place.parent) for word in words[1:] if word)


def _is_recent(process: Path, folder: Path, snapshot: str) -> bool:
    try:
        words = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return True
    settings = dict(word.split(b"=", 1) for word in words if b"=" in word)
    home = Path(os.fsdecode(settings.get(b"HOME", b"/")))
    base = os.fsdecode(settings.get(b"XDG_CONFIG_HOME", b""))
    for ardour in (Path(base) if base else home / ".config").glob("ardour*"):
        recent = ardour / "recent"
        if not _RECENT.fullmatch(ardour.name) or not recent.is_file():
            continue
        lines = recent.read_text("utf-8", "replace").splitlines()
        if len(lines) >= 2 and lines[0] == snapshot and Path(lines[1]).resolve() == folder:
            return True
    return False
