"""Has the disk refuse: the job table, files and their folders, syncs, and room for more bytes.

Files are reached by an audit hook, which Python asks before it opens, renames, links or removes one: no
part of the server knows of it.
"""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_EVENTS = frozenset(
    {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.scandir", "os.listdir", "os.truncate"}
)
REFUSALS = {
    "full": (sqlite3.SQLITE_FULL, errno.ENOSPC),
    "broken": (sqlite3.SQLITE_IOERR, errno.EIO),
    "protected": (sqlite3.SQLITE_READONLY, errno.EACCES),
}
_SQLITE_WORDS = {
    "full": "database or disk is full",
    "broken": "disk I/O error",
    "protected": "attempt to write a readonly database",
}


class Refusals:
    """Refuses one call of a kind: the `skip`-th from now on, and `more` after it."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.fspath(folder)
        self._kind = ""
        self._how = "full"
        self._skip = 0
        self._left = 0
        self.refused = 0

    @contextmanager
    def on(self, kind: str, how: str, skip: int, more: int = 0) -> Iterator[None]:
        """`kind` is `table`, `write` (to the table), `file` or `sync`. `refused` counts what was refused."""
        self._kind, self._how, self._skip, self._left = kind, how, skip, more + 1
        self.refused = 0
        _hook.active = self
        try:
            yield
        finally:
            self._kind = ""
            _hook.active = None

    def table_call(self, text: object) -> None:
        writes = not str(text).lstrip().startswith(("SELECT", "PRAGMA"))
        if self._is_due("table") or (writes and self._is_due("write")):
            error = sqlite3.OperationalError(_SQLITE_WORDS[self._how])
            error.sqlite_errorcode = REFUSALS[self._how][0]
            raise error

    def file_call(self, path: object) -> None:
        if not isinstance(path, str | os.PathLike) or not os.fspath(path).startswith(self._folder):
            return
        # The table's own file is reached in other ways.
        if "jobs.sqlite" not in os.fspath(path) and self._is_due("file"):
            raise self._os_error()

    def sync_call(self) -> None:
        if self._is_due("sync"):
            raise self._os_error()

    def _is_due(self, kind: str) -> bool:
        if kind != self._kind or self._left == 0:
            return False
        if self._skip:
            self._skip -= 1
            return False
        self._left -= 1
        self.refused += 1
        return True

    def _os_error(self) -> OSError:
        number = REFUSALS[self._how][1]
        return OSError(number, os.strerror(number))


class _Hook:
    """Audit hooks stay for as long as the process lives, so that there is one, which mostly does nothing."""

    def __init__(self) -> None:
        self.active: Refusals | None = None
        self._installed = False

    def install(self) -> None:
        if not self._installed:
            self._installed = True
            sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.active is not None and event in FILE_EVENTS:
            self.active.file_call(arguments[0] if arguments else None)


_hook = _Hook()


def install() -> None:
    """Has Python ask before it uses files, from now on."""
    _hook.install()


class RefusingTable:
    """A connection to a database that refuses when it is told to."""

    def __init__(self, db: sqlite3.Connection, refusals: Refusals) -> None:
        self._db = db
        self._refusals = refusals

    def execute(self, *arguments: object) -> sqlite3.Cursor:
        self._refusals.table_call(arguments[0])
        return self._db.execute(*arguments)

    def executemany(self, *arguments: object) -> sqlite3.Cursor:
        self._refusals.table_call(arguments[0])
        return self._db.executemany(*arguments)

    def __getattr__(self, name: str) -> object:
        return getattr(self._db, name)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file can grow past that size meanwhile: the system refuses the write itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
