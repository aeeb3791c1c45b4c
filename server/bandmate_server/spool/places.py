"""Which files an attempt at a job leaves on the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class JobSpool:
    """One job's folder: a journal for each attempt, a file of interleaved f32le for each stem's revision."""

    folder: Path

    def journal(self, attempt: int) -> Path:
        """The order in which things happened."""
        return self.folder / f"{attempt}.journal"

    def audio(self, attempt: int, stem: int, revision: int) -> Path:
        """A stem's frames, as many as were rendered so far."""
        return self.folder / f"{attempt}-{stem}-{revision}.f32"

    def drop_audio(self, *, but: int | None = None) -> None:
        """Deletes rendered frames, but not those of one attempt; what cannot be deleted yet is left."""
        for path in self.folder.glob("*.f32"):
            if but is None or not path.name.startswith(f"{but}-"):
                _unlink(path)

    def drop(self) -> None:
        """Deletes the whole folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        # Windows keeps files that a session still reads; the next sweep finds them.
        return
