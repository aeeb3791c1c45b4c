"""The files that a job's audio lies in: the spool's, or by hash once a stem is finished."""

from __future__ import annotations

from typing import BinaryIO

from bandmate_server.audio import BlobStore
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.events import JobEvents
from bandmate_server.spool import JobSpool


class AudioLostError(Exception):
    """Raised when audio that a job made is no longer on the disk, or not all of it."""


class StemFiles:
    """Reads a job's stems; keeps the files open."""

    def __init__(self, feed: JobEvents, spool: JobSpool, store: JobStore, shelf: BlobStore) -> None:
        self._feed = feed
        self._spool = spool
        self._store = store
        self._shelf = shelf
        self._open: dict[tuple[int, int, int], BinaryIO | None] = {}

    async def read(self, attempt: int, stem: int, revision: int, offset: int, size: int) -> bytes | None:
        """Bytes of a stem; None when they are void: of a stem, a revision or an attempt that was given up.

        Raises AudioLostError when the stem was finished and is gone or too short, OSError and sqlite3.Error.
        """
        key = (attempt, stem, revision)
        if key not in self._open:
            self._open[key] = await self._open_stem(attempt, stem, revision)
        file = self._open[key]
        if file is None:
            return None
        file.seek(offset)
        data = file.read(size)
        if len(data) != size:
            raise AudioLostError(f"stem {stem} ends before byte {offset + size}")
        return data

    def close(self) -> None:
        """Closes the files."""
        for file in self._open.values():
            if file is not None:
                file.close()
        self._open.clear()

    async def _open_stem(self, attempt: int, stem: int, revision: int) -> BinaryIO | None:
        try:
            return self._spool.audio_path(attempt, stem, revision).open("rb")
        except FileNotFoundError:
            sha256 = self._stem_hash(attempt, stem, revision)
        if sha256 is None:
            return None
        path = self._shelf.stem_path(sha256)
        if not await self._shelf.is_intact(path):
            raise AudioLostError(f"stem {stem} is not in the store")
        self._store.mark_used([sha256])
        try:
            return path.open("rb")
        except FileNotFoundError as error:
            raise AudioLostError(f"stem {stem} was dropped") from error

    def _stem_hash(self, attempt: int, stem: int, revision: int) -> str | None:
        """Of a finished stem. What this server has seen counts first: the table may not have it yet."""
        known = self._feed.finished.get((attempt, stem, revision))
        return known or self._store.stem_hash(self._feed.job.id, attempt, stem, revision)
