"""A lock that says whether this process is the only one of its kind; it goes with the process."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from bandmate_plugins._platform.lock import HeldError, hold_lock


class SingleAgent:
    """Use it as a context manager around the work."""

    def __init__(self, path: Path) -> None:
        self._held = contextlib.ExitStack()
        self._path = path
        self.is_first = False
        """Nobody else holds the lock."""

    def __enter__(self) -> Self:
        try:
            self._held.enter_context(hold_lock(self._path, 0.0))
            self.is_first = True
        except HeldError:
            self.is_first = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()
