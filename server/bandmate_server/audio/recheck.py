"""After a power cut or a kill: reads again what came to the shelf since a server last ended in order."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

from bandmate_server.audio.blob_store import BLOB_SUFFIXES, BlobStore

_log = logging.getLogger(__name__)


async def recheck_recent_blobs(shelf: BlobStore, since_ms: int) -> None:
    """Checks every file that was written later than `since_ms`, one at a time; damaged ones are dropped.

    Nobody waits for it: a file that is wanted earlier is checked when it is wanted.
    """
    young = await asyncio.to_thread(_written_since, shelf.folder, since_ms)
    if not young:
        return
    damaged = 0
    for path in young:
        try:
            damaged += not await shelf.is_intact(path)
        except OSError as error:
            _log.warning("%s could not be checked: %s", path.name, error.strerror)
    _log.info(
        "the last server did not shut down cleanly: %d files were checked, %d were damaged",
        len(young),
        damaged,
    )


def _written_since(folder: Path, since_ms: int) -> list[Path]:
    with os.scandir(folder) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.name.endswith(tuple(BLOB_SUFFIXES.values()))
            and entry.stat().st_mtime_ns // 1_000_000 > since_ms
        ]
