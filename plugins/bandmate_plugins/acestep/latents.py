"""Latents that were made once, kept on the disk: a take that is changed again is not encoded again.

They are named by the audio they stand for, so nothing needs to know which job made them: what was generated
here is found again when its stem comes back as a source. They are a cache, and lost without harm.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins import home

Floats = NDArray[np.float32]

BUDGET_BYTES = 256_000_000
"""About eleven hours: a second of music is 6.4 kB as latents."""


class LatentStore:
    """Latents by the digest of their audio and their codec; the least recently used go first."""

    def __init__(self, folder: Path | None = None, budget_bytes: int = BUDGET_BYTES) -> None:
        self._folder = folder or home.cache_dir() / "latents"
        self._budget = budget_bytes

    def get(self, codec: str, digest: str) -> Floats | None:
        """Latents, shape (latents, channels); None when they are not here, or not whole."""
        path = self._path(codec, digest)
        try:
            latents = np.load(path, allow_pickle=False)
            os.utime(path)
        except (OSError, ValueError, EOFError):
            return None
        return np.asarray(latents, np.float32)

    def put(self, codec: str, digest: str, latents: Floats) -> None:
        """Keeps latents; where the folder cannot be written, they are simply made again."""
        path = self._path(codec, digest)
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                np.save(file, np.ascontiguousarray(latents, np.float32))
            fresh.replace(path)
            self._sweep()

    def _path(self, codec: str, digest: str) -> Path:
        name = hashlib.sha256(f"{codec} {digest}".encode()).hexdigest()
        return self._folder / f"{name}.npy"

    def _sweep(self) -> None:
        held = sorted(
            ((path.stat().st_mtime_ns, path.stat().st_size, path) for path in self._folder.glob("*.npy")),
            reverse=True,
        )
        total = 0
        for _, size, path in held:
            total += size
            if total > self._budget:
                path.unlink(missing_ok=True)
