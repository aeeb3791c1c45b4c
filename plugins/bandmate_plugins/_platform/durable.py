"""Waits until bytes and names are on the disk, so that a power cut cannot take them back."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""What the system says when a disk, a quota or a file system's largest file is full."""


def sync_file(handle: int) -> None:
    """Waits until the bytes of an open file are on the disk. Raises OSError."""
    if sys.platform == "darwin":
        import fcntl

        # fsync alone stops at the drive's cache on macOS. Some file systems have no such call.
        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk. Raises OSError where the disk refuses.

    Windows writes names through, and some network drives have no such call: they are left to themselves.
    """
    if sys.platform == "win32":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in NO_ROOM or error.errno == errno.EIO:
            raise
