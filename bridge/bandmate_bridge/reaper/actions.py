"""The actions: their names, what they do, and the ids by which REAPER knows them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

FOLDER = "Bandmate"
"""In REAPER's folder of scripts."""
PREFIX = "Bandmate - "
SERVICE = f"{PREFIX}Service.lua"
REGISTER = f"{PREFIX}Register actions.lua"
_NO_ACTIONS = (SERVICE, REGISTER)


@dataclass(frozen=True)
class ReaperAction:
    """One script that is an entry of REAPER's action list."""

    file: str
    about: str

    @property
    def title(self) -> str:
        """What the action list shows after `Script: `."""
        return self.file.removesuffix(".lua")

    @property
    def command_id(self) -> str:
        """The id of a line in reaper-kb.ini; the same in every installation, so that keys stay."""
        return "RS" + hashlib.sha1(f"bandmate/{self.file}".encode(), usedforsecurity=False).hexdigest()


def packaged_scripts() -> Traversable:
    """The folder of the scripts as they were installed with Bandmate."""
    return resources.files("bandmate_bridge.reaper") / "scripts"


def script_files() -> Iterator[tuple[str, bytes]]:
    """Every file of the scripts: its path from their folder, with slashes, and its bytes."""
    yield from _walk_files(packaged_scripts(), "")


def _walk_files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _walk_files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".lua", ".txt")):
            yield prefix + entry.name, entry.read_bytes()


def read_actions() -> list[ReaperAction]:
    """The actions in the order of their names."""
    found = []
    for path, data in script_files():
        if "/" not in path and path.endswith(".lua") and path not in _NO_ACTIONS:
            found.append(ReaperAction(path, _header_comment(data.decode("utf-8"))))
    return found


def _header_comment(text: str) -> str:
    """The comment at the top, without its tags."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if not line.startswith("-- @"):
            lines.append(line.removeprefix("--").strip())
    return " ".join(lines)
