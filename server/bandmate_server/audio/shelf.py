"""The shelf: finished stems and uploaded files, each named by the SHA-256 of its bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["stem", "upload"]

_SUFFIX: dict[Kind, str] = {"stem": ".f32", "upload": ".bin"}


class Shelf:
    """Files by hash in one folder. A hash is checked when a file is put in, so it can be trusted after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def stem(self, sha256: str) -> Path:
        """Where a finished stem lies, as interleaved f32le; it may have been dropped."""
        return self.folder / f"{sha256}{_SUFFIX['stem']}"

    def upload(self, sha256: str) -> Path:
        """Where an uploaded file lies; it may be missing."""
        return self.folder / f"{sha256}{_SUFFIX['upload']}"

    def find(self, sha256: str) -> tuple[Kind, Path] | None:
        """The file with a hash, whatever its kind."""
        if self.upload(sha256).exists():
            return "upload", self.upload(sha256)
        if self.stem(sha256).exists():
            return "stem", self.stem(sha256)
        return None

    def drop(self, sha256: str) -> None:
        """Deletes a file; one that is being read on Windows stays until the next time."""
        for path in (self.stem(sha256), self.upload(sha256)):
            try:
                path.unlink(missing_ok=True)
            except PermissionError:
                continue
