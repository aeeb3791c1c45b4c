"""The shelf: finished stems and uploaded files, each named by the SHA-256 of its bytes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import logging
import os
import stat
import threading
from pathlib import Path
from typing import Literal, Protocol

from bandmate_plugins._platform.durable import sync_folder
from bandmate_server.audio.file_state import FileState
from bandmate_server.audio.peaks import PEAKS_SUFFIX

_log = logging.getLogger(__name__)

BlobKind = Literal["stem", "upload"]

BLOB_SUFFIXES: dict[BlobKind, str] = {"stem": ".f32", "upload": ".bin"}
PART_SUFFIX = ".part"
"""Ends the name of a file that is not whole yet."""

_BLOCK_BYTES = 1 << 20


class CheckRecords(Protocol):
    """Remembers in which state a file was when its hash was checked."""

    def checked_state(self, name: str) -> FileState | None:
        """The state of the file when it was checked; None when it never was."""
        ...

    def record_check(self, name: str, state: FileState) -> None:
        """Remembers that a file in this state holds what its name says."""
        ...


class BlobStore:
    """Files by hash in one folder.

    A file counts as there if its size and time are those that it had when its hash was checked. One that was
    never checked, or was touched since, is read again first; one that holds other bytes is dropped and counts
    as missing, so that it is uploaded or rendered again.
    """

    def __init__(self, folder: Path, notes: CheckRecords | None = None) -> None:
        self.folder = folder
        self._notes = notes or _MemoryCheckRecords()
        self._checks: dict[str, asyncio.Task[bool]] = {}
        self._stopped = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)

    def stem_path(self, sha256: str) -> Path:
        """Where a finished stem lies, as interleaved f32le; it may have been dropped."""
        return self.folder / f"{sha256}{BLOB_SUFFIXES['stem']}"

    def upload_path(self, sha256: str) -> Path:
        """Where an uploaded file lies; it may be missing."""
        return self.folder / f"{sha256}{BLOB_SUFFIXES['upload']}"

    async def find(self, sha256: str) -> tuple[BlobKind, Path] | None:
        """The whole file with a hash, whatever its kind. Raises OSError for one that cannot be read."""
        if await self.is_intact(self.upload_path(sha256)):
            return "upload", self.upload_path(sha256)
        if await self.is_intact(self.stem_path(sha256)):
            return "stem", self.stem_path(sha256)
        return None

    async def is_intact(self, path: Path) -> bool:
        """Whether one file of the shelf is whole; a damaged one is dropped. Raises OSError."""
        state = _file_state(path)
        if state is None:
            return False
        if state == self._notes.checked_state(path.name):
            return True
        check = self._checks.get(path.name)
        if check is None:
            check = self._checks[path.name] = asyncio.create_task(self._verify_hash(path), name="check file")
            check.add_done_callback(lambda done: self._forget_check(path, done))
        # A long file is read once, whoever asks meanwhile and whoever leaves.
        return await asyncio.shield(check)

    async def close(self) -> None:
        """Ends the checks that run."""
        self._stopped.set()
        await asyncio.gather(*self._checks.values(), return_exceptions=True)

    async def _verify_hash(self, path: Path) -> bool:
        state = _file_state(path)
        if state is None:
            return False
        try:
            found = await asyncio.to_thread(digest, path, self._stopped)
        except FileNotFoundError:
            return False
        if found == path.stem:
            self._notes.record_check(path.name, state)
            return True
        if found and _file_state(path) == state:
            _log.warning("%s is damaged and was deleted: its bytes do not match its hash", path.name)
            _unlink_if_free(path)
        return False

    def _forget_check(self, path: Path, done: asyncio.Task[bool]) -> None:
        self._checks.pop(path.name, None)
        # Whoever waited has it from the task; if all have left, nobody wants it.
        if not done.cancelled():
            done.exception()

    def install_file(self, whole: Path, target: Path) -> None:
        """Gives a checked file, whose bytes are on the disk, its name here. Blocks; raises OSError."""
        whole.replace(target)
        sync_folder(self.folder)

    def delete_files(self, sha256: str) -> None:
        """Deletes what lies here under a hash; a file that cannot be deleted now is left. Blocks."""
        for path in (
            self.stem_path(sha256),
            self.upload_path(sha256),
            self.folder / f"{sha256}{PEAKS_SUFFIX}",
        ):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def mark_verified(self, path: Path) -> None:
        """Remembers that a file's hash was checked just now."""
        state = _file_state(path)
        if state is not None:
            self._notes.record_check(path.name, state)


def digest(path: Path, stopped: threading.Event | None = None) -> str:
    """The SHA-256 of a file; empty if it was stopped. Blocks; raises OSError."""
    hashed = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while not (stopped and stopped.is_set()) and (block := file.read(_BLOCK_BYTES)):
            hashed.update(block)
    return "" if stopped and stopped.is_set() else hashed.hexdigest()


def _file_state(path: Path) -> FileState | None:
    """None when there is no such file. Raises OSError for what is no file, or cannot be looked at."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return FileState(found.st_size, found.st_mtime_ns)


def _unlink_if_free(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        # Windows keeps a file that is being read; the next check or sweep finds it.
        return


class _MemoryCheckRecords(dict[str, FileState]):
    """Notes for as long as the shelf lives."""

    def checked_state(self, name: str) -> FileState | None:
        return self.get(name)

    def record_check(self, name: str, state: FileState) -> None:
        self[name] = state
