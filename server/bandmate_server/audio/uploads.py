"""Files on their way up: written in order, checked at the end, taken up again after a cut."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Upload
from bandmate_server.audio.shelf import Shelf


class Uploads:
    """Takes in `upload` messages. Half a file stays, so that another connection can go on with it."""

    def __init__(self, shelf: Shelf, folder: Path, most_bytes: int) -> None:
        self._shelf = shelf
        self._folder = folder
        self._most_bytes = most_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def missing(self, hashes: tuple[str, ...]) -> list[tuple[str, int]]:
        """The hashes that the shelf does not hold, with the bytes of them that are here already."""
        return [(sha256, self._held(sha256)) for sha256 in hashes if self._shelf.find(sha256) is None]

    def take(self, upload: Upload) -> bool:
        """Takes in a piece; true when the file is whole and was put on the shelf.

        Raises RequestError: `quota_exceeded` over the size limit, `input_unusable` when the pieces do not
        follow one another or the hash is wrong (what was there is dropped), `disk_full`.
        """
        if self._shelf.find(upload.sha256) is not None:
            return True
        self._check(upload)
        path = self._part(upload.sha256)
        try:
            with path.open("ab") as file:
                file.write(upload.data)
        except OSError as error:
            raise _disk_error(error) from error
        if upload.offset + len(upload.data) < upload.total_bytes:
            return False
        self._finish(upload.sha256, path)
        return True

    def _check(self, upload: Upload) -> None:
        if upload.total_bytes > self._most_bytes:
            raise RequestError(
                ErrorCode.QUOTA_EXCEEDED,
                f"The file has {upload.total_bytes} bytes; at most {self._most_bytes} are taken.",
                "Send a shorter piece of it.",
            )
        held = self._held(upload.sha256)
        if upload.offset != held or upload.offset + len(upload.data) > upload.total_bytes:
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                f"A piece of the upload starts at byte {upload.offset}, but {held} bytes are here.",
                "Ask with `have` from where to go on.",
            )

    def _finish(self, sha256: str, path: Path) -> None:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != sha256:
            path.unlink()
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                "The uploaded file does not have the hash that was announced.",
                "Send it again; it may have changed meanwhile.",
            )
        path.replace(self._shelf.upload(sha256))

    def _held(self, sha256: str) -> int:
        try:
            return self._part(sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def _part(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"


def _disk_error(error: OSError) -> RequestError:
    if error.errno == errno.ENOSPC:
        return RequestError(
            ErrorCode.DISK_FULL,
            "The server's disk is full.",
            "Free some space, or lower the retention budget.",
        )
    return RequestError(ErrorCode.FILE_UNUSABLE, f"The server could not store the upload: {error.strerror}.")
