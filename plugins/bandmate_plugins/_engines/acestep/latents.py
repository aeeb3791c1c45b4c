"""Latents that were made once, kept on the disk: a take that is changed again is not encoded again.

They are named by the audio that they stand for, so nothing needs to know which job made them. They are a
cache, and lost without harm.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from bandmate_plugins._platform import home

BUDGET_BYTES = 256_000_000
"""About eleven hours: a second of music is 6.4 kB as latents."""


class LatentStore:
    """Arrays by their kind and a digest of their audio; the least recently used go first."""

    def __init__(self, folder: Path | None = None, budget_bytes: int = BUDGET_BYTES) -> None:
        self._folder = folder or home.cache_dir() / "latents"
        self._budget = budget_bytes

    def get(self, kind: str, digest: str, array: str = "latents") -> Any:
        """One of the arrays that were put there together; None when they are not here, or not whole."""
        path = self._folder / f"{_hash_kind(kind)}-{digest}.npz"
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
                found = held[array]
            os.utime(path)
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            return None
        return found

    def digests(self, kind: str) -> list[str]:
        """Of all that is kept of a kind, the latest first."""
        found = sorted(self._stored_files(f"{_hash_kind(kind)}-*.npz"), reverse=True)
        return [path.stem.partition("-")[2] for _, _, path in found]

    def put(self, kind: str, digest: str, **arrays: Any) -> None:
        """Keeps arrays; where the folder cannot be written, they are simply made again.

        The digest is part of a file's name: digits and letters.
        """
        path = self._folder / f"{_hash_kind(kind)}-{digest}.npz"
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                np.savez(file, **arrays)
            fresh.replace(path)
            self._evict_oldest()

    def _evict_oldest(self) -> None:
        total = 0
        for _, size, path in sorted(self._stored_files("*.npz"), reverse=True):
            total += size
            if total > self._budget:
                path.unlink(missing_ok=True)

    def _stored_files(self, pattern: str) -> Iterator[tuple[int, int, Path]]:
        """Time of use, size and path of files. Another process may have removed one."""
        for path in self._folder.glob(pattern):
            with contextlib.suppress(FileNotFoundError):
                held = path.stat()
                yield held.st_mtime_ns, held.st_size, path


def _hash_kind(kind: str) -> str:
    return hashlib.sha256(kind.encode()).hexdigest()[:32]
