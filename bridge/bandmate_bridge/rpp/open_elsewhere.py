"""Whether REAPER may have a project open, and where to write then.

REAPER keeps a project in memory and writes it whole at the next save: an edit of the file under it would be
lost. No file or lock says which projects it has open, so a running REAPER is taken to have this one.
"""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bandmate_bridge.files import shorten_name
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_REAPER = {"reaper", "reaper.exe", "reaper64", "reaper32"}
_LISTING_SECONDS = 10
_MAX_COPIES = 1000

ListProcesses = Callable[[], Iterable[str]]
"""Gives the names of the running programs; raises OSError when they cannot be told."""


@dataclass(frozen=True, slots=True)
class SaveTarget:
    """Where a result goes."""

    where: Literal["project", "agent", "copy"]
    path: Path
    """The file to write; for the agent, the project that it has open."""
    sentence: str = ""
    """What to tell the user; empty when it goes where they asked."""


def open_project_id(path: Path) -> str:
    """The id under which a bridge inside a DAW tells the server of a saved project that it has open."""
    text = os.path.normcase(os.path.realpath(path))
    return hashlib.sha256(f"open {text}".encode("utf-8", "surrogateescape")).hexdigest()


def find_save_target(
    path: Path, *, force: bool = False, daw_running: bool, agent_alive: bool = False, daw: str = "REAPER"
) -> SaveTarget:
    """Where to put a result that is meant for the project at ``path``.

    ``daw_running``: a DAW of that name runs and may have it open. ``agent_alive``: Bandmate's agent in REAPER answers
    and has this project open. A copy never takes the place of a file.
    """
    if agent_alive and not force:
        return SaveTarget(
            "agent", path, f"{daw} has {path.name} open, so the result goes into the open project."
        )
    if not daw_running and not agent_alive:
        return SaveTarget("project", path)
    if force:
        return SaveTarget(
            "project",
            path,
            f"{daw} is running. If {path.name} is open there, reload it before you save, or you lose this result.",
        )
    copy = _free_copy_path(path)
    return SaveTarget(
        "copy",
        copy,
        f"{daw} is running and may have {path.name} open, so the result goes to {copy.name} beside it. "
        "Use --force to write to the project itself.",
    )


def _free_copy_path(path: Path) -> Path:
    for number in range(1, _MAX_COPIES):
        ending = "-bandmate" + (f"-{number}" if number > 1 else "") + path.suffix
        copy = path.with_name(shorten_name(path.stem, ending))
        if not os.path.lexists(copy):
            return copy
    raise RequestError(
        ErrorCode.FILE_EXISTS,
        say(
            "There are already {max_copies} copies of {path} beside it.",
            max_copies=_MAX_COPIES - 1,
            path=path.name,
        ),
        "Move them elsewhere, or close the DAW.",
    )


def reaper_is_running(list_processes: ListProcesses | None = None) -> bool:
    """Whether a REAPER runs on this machine; yes when that cannot be told, as the safer answer."""
    try:
        names = (list_processes or process_names)()
        return any(name.strip().casefold() in _REAPER for name in names)
    except (OSError, subprocess.SubprocessError):
        return True


def process_names() -> Iterable[str]:
    """The names of the running programs, by the means that each system has."""
    if sys.platform == "win32":
        return _from_tasklist(_command_output([_windows_program("tasklist.exe"), "/FO", "CSV", "/NH"]))
    if sys.platform == "darwin":
        return _from_ps(_command_output(["/bin/ps", "-axco", "comm="]))
    return _from_proc(Path("/proc"))


def _from_proc(proc: Path) -> list[str]:
    names: list[str] = []
    for entry in os.scandir(proc):
        if entry.name.isdigit():
            try:
                names.append((proc / entry.name / "comm").read_text("utf-8", "replace"))
            except OSError:
                # It ended between the listing and the reading.
                continue
    return names


def _from_tasklist(output: str) -> list[str]:
    return [row[0] for row in csv.reader(output.splitlines()) if row]


def _from_ps(output: str) -> list[str]:
    return output.splitlines()


def _command_output(command: list[str]) -> str:
    done = subprocess.run(
        command, capture_output=True, check=True, timeout=_LISTING_SECONDS, stdin=subprocess.DEVNULL
    )
    return done.stdout.decode("utf-8", "replace")


def _windows_program(name: str) -> str:
    return os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", name)
