"""Which files hold the bytes that their hash names, and whether the last server ended in order."""

from __future__ import annotations

import contextlib
import sqlite3

from bandmate_server.audio.file_state import FileState
from bandmate_server.jobs.job import now_ms
from bandmate_server.jobs.table import find_damage


class CheckedFiles:
    """Remembers the state that a file had when its hash was checked. Losing a note costs one more check."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def checked_state(self, name: str) -> FileState | None:
        """The state of the file when it was checked; None when it never was."""
        row = self._db.execute("SELECT bytes, mtime_ns FROM checked WHERE name = ?", (name,)).fetchone()
        return FileState(*row) if row else None

    def record_check(self, name: str, state: FileState) -> None:
        """Remembers that a file in this state holds what its name says."""
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("INSERT OR REPLACE INTO checked VALUES (?, ?, ?, ?)", (name, *state, now_ms()))

    def forget_since(self, since_ms: int) -> None:
        """Has every file checked again that was checked later than `since_ms`."""
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("DELETE FROM checked WHERE checked_ms > ?", (since_ms,))

    def checked_names(self) -> set[str]:
        """The files with a note."""
        return {row[0] for row in self._db.execute("SELECT name FROM checked")}


class RunMarks:
    """Tells an end in order from a kill or a power cut."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def mark_running(self) -> int | None:
        """Marks that a server runs. Returns None if the one before ended in order.

        Else when the last end in order was, in milliseconds since 1970; 0 if there was none.
        """
        marks = dict(self._db.execute("SELECT name, value FROM mark"))
        with contextlib.suppress(sqlite3.Error):
            self._set_mark("running", 1)
        stopped_ms = int(marks.get("stopped_ms", 0))
        return None if stopped_ms and "running" not in marks else stopped_ms

    def mark_stopped(self) -> None:
        """Marks that the server ends in order, unless the table is damaged: the next one looks through it."""
        with contextlib.suppress(sqlite3.Error):
            if find_damage(self._db) is None:
                self._set_mark("stopped_ms", now_ms())
                self._db.execute("DELETE FROM mark WHERE name = 'running'")

    def _set_mark(self, name: str, value: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, value))
