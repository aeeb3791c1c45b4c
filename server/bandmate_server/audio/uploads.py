"""Files on their way up: written in order, checked at the end, taken up again after a cut."""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from pathlib import Path

from bandmate_plugins._platform.durable import sync_file
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Upload
from bandmate_protocol.texts import say
from bandmate_server.audio.blob_store import PART_SUFFIX, BlobStore, digest
from bandmate_server.faults import disk_error

_log = logging.getLogger(__name__)


class UploadStore:
    """Takes in `upload` messages. Half a file stays, so that another connection can go on with it.

    Several clients may send the same file at once: a piece that is here already is taken, and not written.
    """

    def __init__(self, shelf: BlobStore, folder: Path, most_bytes: int) -> None:
        self._shelf = shelf
        self.folder = folder
        self.most_bytes = most_bytes
        self._finishing: dict[str, asyncio.Task[None]] = {}
        self._stopped = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)

    async def missing_files(self, hashes: tuple[str, ...]) -> list[tuple[str, int]]:
        """The hashes that the shelf does not hold, with the bytes of them that are here already."""
        return [
            (sha256, self._received_bytes(sha256)) for sha256 in hashes if not await self._is_here(sha256)
        ]

    async def accept_piece(self, upload: Upload) -> bool:
        """Takes in a piece; true when none is missing any more, and `finish` has to be called.

        Raises RequestError: `quota_exceeded` over the size limit, `input_unusable` when the pieces do not
        follow one another, `disk_full`.
        """
        if await self._is_here(upload.sha256):
            return True
        end = upload.offset + len(upload.data)
        path = self._part_path(upload.sha256)
        held = self._check_piece(upload, end)
        if held == 0:
            self._check_room(upload.total_bytes)
        if end > held or upload.total_bytes == 0:
            try:
                with path.open("ab") as file:
                    file.write(upload.data[held - upload.offset :])
            except OSError as error:
                raise disk_error(error) from error
        return end == upload.total_bytes

    async def complete_upload(self, sha256: str) -> None:
        """Checks a file that came up and puts it on the shelf; several callers share one check.

        Raises RequestError: `input_unusable` when the hash is wrong (what was there is dropped), `disk_full`.
        """
        if await self._is_here(sha256):
            return
        task = self._finishing.get(sha256)
        if task is None:
            task = asyncio.create_task(self._verify_and_store(sha256), name="check upload")
            self._finishing[sha256] = task
            task.add_done_callback(lambda done: self._forget_check(sha256, done))
        # Whoever leaves meanwhile does not end the check for the others.
        await asyncio.shield(task)

    async def close(self) -> None:
        """Ends the checks that run; what came up stays for the next server."""
        self._stopped.set()
        await asyncio.gather(*self._finishing.values(), return_exceptions=True)

    def _forget_check(self, sha256: str, done: asyncio.Task[None]) -> None:
        self._finishing.pop(sha256, None)
        # Whoever waited has it from the task; if all have left, nobody wants it.
        if not done.cancelled():
            done.exception()

    async def _is_here(self, sha256: str) -> bool:
        try:
            return await self._shelf.find(sha256) is not None
        except OSError as error:
            _log.warning("%s cannot be read and counts as missing: %s", sha256, error.strerror)
            return False

    def _check_piece(self, upload: Upload, end: int) -> int:
        """The bytes that are here already, for a piece that fits them."""
        if upload.total_bytes > self.most_bytes:
            raise RequestError(
                ErrorCode.QUOTA_EXCEEDED,
                say(
                    "The file has {total_bytes} bytes; the server accepts at most {most_bytes}.",
                    total_bytes=upload.total_bytes,
                    most_bytes=self.most_bytes,
                ),
                "Send a shorter part of it.",
            )
        held = self._received_bytes(upload.sha256)
        if held > upload.total_bytes and upload.sha256 not in self._finishing:
            # Somebody gave another length; nobody can tell who was right before all is here.
            self._part_path(upload.sha256).unlink(missing_ok=True)
            held = 0
        if end > upload.total_bytes:
            raise _misplaced_piece_error(
                f"ends at byte {end}, but the file was announced with {upload.total_bytes}"
            )
        if upload.offset > held:
            raise _misplaced_piece_error(f"starts at byte {upload.offset}, but the server has {held} bytes")
        return held

    def _check_room(self, total_bytes: int) -> None:
        """Refuses a file that cannot fit, before any of it is here. Raises RequestError (`disk_full`)."""
        free_bytes = shutil.disk_usage(self.folder).free
        if total_bytes > free_bytes:
            raise RequestError(
                ErrorCode.DISK_FULL,
                say(
                    "The file has {total:.2f} GB, but the server's disk has only {free:.2f} GB free.",
                    total=total_bytes / 1e9,
                    free=free_bytes / 1e9,
                ),
                "Drop jobs from the library, or lower retention_gb in the settings.",
            )

    async def _verify_and_store(self, sha256: str) -> None:
        path, target = self._part_path(sha256), self._shelf.upload_path(sha256)
        try:
            whole = await asyncio.to_thread(self._store_verified, sha256, path, target)
        except OSError as error:
            raise disk_error(error) from error
        if self._stopped.is_set() and not whole:
            raise RequestError(
                ErrorCode.INTERRUPTED,
                "The server stopped before it had checked the file.",
                "Connect again, and use `have` to find out where to continue.",
            )
        if not whole:
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                "The uploaded file does not match the announced hash.",
                "Send it again; it may have changed in the meantime.",
            )
        self._shelf.mark_verified(target)

    def _store_verified(self, sha256: str, path: Path, target: Path) -> bool:
        """Syncs, checks and files it, in a thread; false when the hash is wrong."""
        try:
            with path.open("r+b") as file:
                sync_file(file.fileno())
        except FileNotFoundError:
            # Another check of it has found it wrong.
            return False
        found = digest(path, self._stopped)
        if found == sha256:
            self._shelf.install_file(path, target)
        elif not self._stopped.is_set():
            path.unlink(missing_ok=True)
        return found == sha256

    def _received_bytes(self, sha256: str) -> int:
        try:
            return self._part_path(sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def _part_path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}{PART_SUFFIX}"


def _misplaced_piece_error(how: str) -> RequestError:
    return RequestError(
        ErrorCode.INPUT_UNUSABLE,
        say("A piece of the upload {how}.", how=how),
        "Use `have` to find out where to continue.",
    )
