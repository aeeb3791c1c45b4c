"""The hashes that the hub's library notes beside files that it puts into a plain folder.

It keeps them below `.cache/huggingface/download` in that folder: for each file the commit, the hash and the time, a
line each. The hash is the SHA-256 of large files, and git's own of small ones.
"""

from __future__ import annotations

import re
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAX_BYTES = 4096


def noted_hash(folder: Path, name: str) -> str:
    """The hash that was noted of a file, by its name in the folder; empty where none was."""
    note = folder / ".cache" / "huggingface" / "download" / f"{name}.metadata"
    try:
        with note.open("rb") as file:
            lines = file.read(_MAX_BYTES).decode("ascii").split("\n")
    except (OSError, ValueError):
        return ""
    return lines[1] if len(lines) > 1 and is_hash(lines[1]) else ""


def is_hash(text: str) -> bool:
    """Whether a text is a hash as the hub writes it."""
    return _HASH.fullmatch(text) is not None
