"""What went wrong on the server's side, as a code, a sentence and a remedy for the person who asked."""

from __future__ import annotations

import sqlite3

from bandmate_plugins._platform.durable import NO_ROOM
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.texts import say

DISK_FAULTS = (OSError, sqlite3.Error)
"""What reading and writing the server's files raises."""

_FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
_DAMAGE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE = 0xFF
"""SQLite's extended result codes have the primary one in their lowest byte."""


def as_sendable_error(error: Exception) -> BandmateError:
    """Whatever was raised, as an error that may be sent; `internal` for a fault of the server's own."""
    if isinstance(error, BandmateError):
        return error
    if isinstance(error, sqlite3.Error) or (isinstance(error, OSError) and _is_file_error(error)):
        return disk_error(error)
    return BandmateError(ErrorCode.INTERNAL, "The server failed while doing this; its log has the details.")


def disk_error(error: OSError | sqlite3.Error) -> RequestError:
    """The error as a sentence with a remedy: `disk_full`, else `file_unusable`. Names no path."""
    if is_disk_full(error):
        return RequestError(
            ErrorCode.DISK_FULL,
            "The server's disk is full.",
            "Free some space on it, or lower retention_gb in the server's settings.",
        )
    if is_table_damage(error):
        return RequestError(
            ErrorCode.FILE_UNUSABLE,
            "The server's job table is damaged.",
            "Restart the server: it sets the damaged table aside and starts a new one. Audio is kept.",
        )
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("The server cannot use its files: {reason}.", reason=reason or type(error).__name__),
        "`bandmate doctor` checks its folders; the server's log has the details.",
    )


def _is_file_error(error: OSError) -> bool:
    """A time limit and a broken connection are OSErrors too."""
    return error.errno is not None and not isinstance(error, TimeoutError | ConnectionError)


def is_disk_full(error: OSError | sqlite3.Error) -> bool:
    """Whether the disk, or the user's quota on it, has no room left."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    code = _sqlite_code(error)
    return code in _FULL_CODES or code & _PRIMARY_CODE == sqlite3.SQLITE_FULL


def is_table_damage(error: OSError | sqlite3.Error) -> bool:
    """Whether a database file does not hold what SQLite wrote there."""
    return isinstance(error, sqlite3.Error) and _sqlite_code(error) & _PRIMARY_CODE in _DAMAGE_CODES


def _sqlite_code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0)
