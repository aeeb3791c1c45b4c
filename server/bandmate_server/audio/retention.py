"""The retention budget: the least recently used audio goes first, pinned audio never."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from bandmate_server.audio.shelf import Shelf
from bandmate_server.jobs.store import JobStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Held:
    sha256: str
    path: Path
    size: int
    used_ms: int


def sweep(shelf: Shelf, store: JobStore, budget_bytes: int) -> int:
    """Drops audio until the shelf is within its budget; returns the bytes dropped.

    What is pinned, or an input of a job still to run, is neither counted nor dropped.
    """
    used = store.last_used()
    kept = store.kept()
    held = [item for item in _held(shelf, used) if item.sha256 not in kept]
    over = sum(item.size for item in held) - budget_bytes
    dropped = 0
    for item in sorted(held, key=lambda each: each.used_ms):
        if dropped >= over:
            break
        shelf.drop(item.sha256)
        dropped += item.size
    if dropped:
        _log.info("dropped %.1f MB of audio to keep the retention budget", dropped / 1e6)
    return dropped


def _held(shelf: Shelf, used: dict[str, int]) -> list[_Held]:
    found = []
    for path in shelf.folder.iterdir():
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        # A file that no job has noted yet was used when it was written.
        found.append(_Held(path.stem, path, stat.st_size, used.get(path.stem, int(stat.st_mtime * 1000))))
    return found
