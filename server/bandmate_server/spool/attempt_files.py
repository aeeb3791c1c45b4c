"""Which files an attempt at a job leaves on the disk."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from bandmate_plugins._platform.durable import sync_file, sync_folder


@dataclass(frozen=True)
class JobSpool:
    """One job's folder: a journal for each attempt, a file of interleaved f32le for each stem's revision."""

    folder: Path

    def journal_path(self, attempt: int) -> Path:
        """The order in which things happened."""
        return self.folder / f"{attempt}.journal"

    def audio_path(self, attempt: int, stem: int, revision: int) -> Path:
        """A stem's frames, as many as were rendered so far."""
        return self.folder / f"{attempt}-{stem}-{revision}.f32"

    def sync_journal(self, attempt: int) -> None:
        """Waits until an attempt's journal is on the disk. Blocks; raises OSError."""
        with contextlib.suppress(FileNotFoundError), self.journal_path(attempt).open("r+b") as journal:
            sync_file(journal.fileno())
            sync_folder(self.folder)
            sync_folder(self.folder.parent)

    def drop_audio(self) -> None:
        """Deletes rendered frames; what cannot be deleted now is left."""
        # Path.glob raises when a folder is not there or cannot be read, depending on Python's version.
        with contextlib.suppress(OSError):
            for path in list(self.folder.glob("*.f32")):
                _unlink_quietly(path)

    def drop_folder(self) -> None:
        """Deletes the whole folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _unlink_quietly(path: Path) -> None:
    # Windows keeps files that a session still reads, and a disk may refuse; the next sweep finds them.
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
