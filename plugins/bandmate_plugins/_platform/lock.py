"""A lock between processes, held as long as its file is open: it cannot be left behind by one that dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bandmate_plugins._platform.private import make_folder

_POLL_SECONDS = 0.05


class HeldError(Exception):
    """Another process holds the lock and did not let go of it in time."""


@contextmanager
def hold_lock(path: Path, seconds: float) -> Iterator[None]:
    """Holds the lock; waits for another process to let go of it. Raises HeldError after ``seconds``."""
    make_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not _take(handle):
            if time.monotonic() >= deadline:
                raise HeldError
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
