"""Files that are made when they are needed, as a project may name more of them than a job ever reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

_makers: dict[Path, Callable[[Path], None]] = {}
_lock = threading.Lock()


def make_on_demand(path: Path, make: Callable[[Path], None]) -> Path:
    """Has ``make`` write a file once it is needed; returns its path."""
    with _lock:
        _makers[path] = make
    return path


def made_file(path: Path) -> Path:
    """The path, with its file there if it is one that can be made. Raises what its maker raises."""
    with _lock:
        make = _makers.get(path)
        if make is not None and not path.is_file():
            make(path)
    return path
