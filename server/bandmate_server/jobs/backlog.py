"""What the job table could not take when it was written: kept in memory, and written when there is room."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Hashable

from bandmate_server.faults import DISK_FAULTS

_log = logging.getLogger(__name__)


class WriteBacklog:
    """Writes to the job table, each retried until the disk takes it. Raises nothing."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Callable[[], None]] = {}
        self._refused = False

    def write(self, about: Hashable, write: Callable[[], None]) -> bool:
        """Writes now, after what still waits; true when nothing waits any more.

        A later write about the same thing takes the place of one that waits.
        """
        self._waiting[about] = write
        return self.retry()

    def retry(self) -> bool:
        """Tries what waits, in its order; true when nothing waits any more."""
        for about, write in list(self._waiting.items()):
            try:
                write()
            except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
                _log.exception("the job table refused %s, which is discarded", about)
            except DISK_FAULTS as error:
                if not self._refused:
                    _log.error("the job table cannot be written now; trying again later: %s", error)
                self._refused = True
                return False
            del self._waiting[about]
        if self._refused:
            _log.info("the job table can be written again")
        self._refused = False
        return True
