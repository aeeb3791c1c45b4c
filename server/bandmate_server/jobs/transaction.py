"""Transactions of the job table."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of what is done inside, or nothing of it: also when the disk refuses the commit itself."""
    roll_back(db)
    db.execute("BEGIN")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # What cannot be taken back now is taken back before the next write.
        with contextlib.suppress(sqlite3.Error):
            roll_back(db)
        raise


def roll_back(db: sqlite3.Connection) -> None:
    """Ends a transaction that is open: a write inside it would never be committed."""
    if db.in_transaction:
        db.execute("ROLLBACK")
