"""Ends a server that was started for one command and is no longer needed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Protocol


class BusySource(Protocol):
    """What may still have work to do."""

    @property
    def is_busy(self) -> bool:
        """Whether it has."""
        ...


class IdleWatch:
    """Watches for a time without any session and any job. Does nothing when the time is None."""

    def __init__(self, idle_seconds: float | None, work: BusySource) -> None:
        self._idle_seconds = idle_seconds
        self._work = work
        self._sessions = 0
        self._requests = 0
        self._since = time.monotonic()

    def sessions_changed(self, count: int) -> None:
        """A session came or went."""
        self._sessions = count
        self._since = time.monotonic()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """While this lasts, a request is being answered, such as one that follows a job."""
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1
            self._since = time.monotonic()

    async def run(self, stop: Callable[[], None]) -> None:
        """Calls `stop` once it has been idle for long enough."""
        if self._idle_seconds is None:
            return
        while True:
            if self._sessions or self._requests or self._work.is_busy:
                self._since = time.monotonic()
            left = self._since + self._idle_seconds - time.monotonic()
            if left <= 0:
                stop()
                return
            await asyncio.sleep(min(left, 1.0) + 0.01)
