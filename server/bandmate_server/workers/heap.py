"""Keeps the memory that a worker frees for its next arrays, and gives it back when the worker rests.

glibc asks the system for each large array and gives it back when it is freed, so that the system clears the
same pages again and again: a quarter of the time of a network on the CPU. Another C library is left as it is.
"""

from __future__ import annotations

import ctypes
import sys

# From glibc's malloc.h; mallopt(3) says what they do.
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4
_NEVER = -1


def keep_freed_memory() -> bool:
    """Lets this process keep what it frees, until `release_freed_memory`. False where the C library is not glibc."""
    libc = _glibc()
    if libc is None:
        return False
    return bool(libc.mallopt(_M_MMAP_MAX, 0) and libc.mallopt(_M_TRIM_THRESHOLD, _NEVER))


def release_freed_memory() -> None:
    """Gives the pages of freed memory back to the system."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
