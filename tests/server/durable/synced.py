"""What a power cut leaves: bytes that were synced, under names that may have come to the disk before them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

Lost = Literal["empty", "zeros", "half"]
"""What a file system may give for bytes that were never synced."""


class SyncedFiles:
    """Sees every `os.fsync` of this process, and remembers what each file held then."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self._contents: dict[tuple[int, int], bytes] = {}
        self._before = before
        self._fsync = os.fsync

    def fsync(self, handle: int) -> None:
        """In the place of `os.fsync`; `before` may refuse."""
        self._before()
        found = os.fstat(handle)
        target = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if target.is_file():
            self._contents[found.st_dev, found.st_ino] = target.read_bytes()

    def install(self) -> None:
        os.fsync = self.fsync

    def remove(self) -> None:
        os.fsync = self._fsync

    def copy(self, source: Path, target: Path, *, all_synced: bool) -> None:
        """Copies a data folder; what was synced there is synced in the copy, or all of it is."""
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*-shm"))
        for path in [each for each in target.rglob("*") if each.is_file()]:
            before = (source / path.relative_to(target)).stat()
            content = self._contents.get((before.st_dev, before.st_ino))
            if all_synced or content is not None:
                found = path.stat()
                self._contents[found.st_dev, found.st_ino] = path.read_bytes() if all_synced else content

    def cut(self, source: Path, target: Path, lost: Lost, *, keep_log: bool) -> None:
        """Copies a data folder as a power cut would have left it.

        All names are there: the worst that may happen, as file systems write names before bytes. What the job
        table's log got after its last sync may be there or not.
        """
        for parent, _, names in os.walk(source):
            folder = target / Path(parent).relative_to(source)
            folder.mkdir(parents=True, exist_ok=True)
            for name in names:
                path = Path(parent) / name
                if name == "jobs.sqlite" or (name == "jobs.sqlite-wal" and keep_log):
                    shutil.copyfile(path, folder / name)
                elif name != "jobs.sqlite-shm":
                    (folder / name).write_bytes(self._left_of(path, lost))
                if (folder / name).exists():
                    found = (folder / name).stat()
                    self._contents[found.st_dev, found.st_ino] = (folder / name).read_bytes()

    def _left_of(self, path: Path, lost: Lost) -> bytes:
        found = path.stat()
        now = path.read_bytes()
        synced = self._contents.get((found.st_dev, found.st_ino))
        if synced is not None and now.startswith(synced):
            unsynced = now[len(synced) :]
        else:
            synced, unsynced = b"", now
        if lost == "zeros":
            return synced + bytes(len(unsynced))
        return synced + (unsynced[: len(unsynced) // 2] if lost == "half" else b"")
