"""REAPER's action list, reaper-kb.ini: our lines are added or taken out, every other byte stays.

A line `SCR 4 0 COMMAND "Custom: NAME" PATH` names a script of the main section, its path counted from the
folder Scripts. REAPER rewrites the file when it ends, so it is edited only while REAPER is closed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from bandmate_bridge.files import write_whole
from bandmate_bridge.reaper.actions import FOLDER, ReaperAction

KEYMAP = "reaper-kb.ini"
BACKUP = ".bandmate-backup"
_OWN_LINE = re.compile(rb'^SCR \d+ \d+ \S+ "[^"\r\n]*" "?Bandmate[/\\][^\r\n]*')


def with_actions(data: bytes, actions: Iterable[ReaperAction]) -> bytes:
    """The file with a line for each action, in the place of those of an earlier installation.

    A line that REAPER wrote for the same script keeps its id: keys and toolbars refer to it.
    """
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    known = {_action_file(line): line for line in data.splitlines() if _OWN_LINE.match(line)}
    wanted = {action.file: _action_line(action) for action in actions}
    kept = without_actions(data, keep=set(wanted))
    fresh = [line for file, line in wanted.items() if file not in known]
    if not fresh:
        return kept
    gap = newline if kept and not kept.endswith((b"\n", b"\r")) else b""
    return kept + gap + b"".join(line + newline for line in fresh)


def without_actions(data: bytes, keep: Iterable[str] = ()) -> bytes:
    """The file without lines for our scripts, except for those to keep."""
    kept = set(keep)
    lines = data.splitlines(keepends=True)
    return b"".join(line for line in lines if not _OWN_LINE.match(line) or _action_file(line) in kept)


def registered_files(data: bytes) -> set[str]:
    """The files of our actions that the list has."""
    return {_action_file(line) for line in data.splitlines() if _OWN_LINE.match(line)}


def command_ids(data: bytes) -> dict[str, str]:
    """The ids that the list has for files of our actions."""
    return {
        _action_file(line): line.split()[3].decode("utf-8", "replace")
        for line in data.splitlines()
        if _OWN_LINE.match(line)
    }


def edit_keymap(resource: Path, change: bytes) -> Path | None:
    """Writes the file, with a backup of what was there; returns the backup. Raises RequestError."""
    path = resource / KEYMAP
    backup = None
    if path.exists():
        backup = path.with_name(KEYMAP + BACKUP)
        shutil.copy2(path, backup)
    write_whole(path, change, replace=True)
    return backup


def read_keymap(resource: Path) -> bytes:
    """The file; empty when there is none yet."""
    path = resource / KEYMAP
    return path.read_bytes() if path.exists() else b""


def _action_line(action: ReaperAction) -> bytes:
    return f'SCR 4 0 {action.command_id} "Custom: {action.title}" "{FOLDER}/{action.file}"'.encode()


def _action_file(line: bytes) -> str:
    text = line.decode("utf-8", "replace").strip().rstrip('"')
    return re.split(r"[/\\]", text)[-1]
