"""What tells a file that nobody touched from one that somebody did."""

from __future__ import annotations

from typing import NamedTuple


class FileState(NamedTuple):
    """What tells a file that nobody touched from one that somebody did."""

    size_bytes: int
    mtime_ns: int
