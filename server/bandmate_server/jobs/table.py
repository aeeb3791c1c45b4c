"""The file of the job table: its layout, its versions, and what becomes of one that cannot be used."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.faults import is_disk_full, is_table_damage
from bandmate_server.jobs.listing_rows import add_missing_listings

LAYOUT_VERSION = 3
"""Of the layout; in the file it is SQLite's `user_version`."""

DAMAGED_SUFFIX = ".damaged-"
"""Between a table's name and the date on which it was set aside."""

JOB_COLUMNS = (
    "id, owner, submit, engine, reason, placement, seed, version, state, attempt, tier,"
    " created_ms, finished_ms, end, sentence"
)
ANNOTATION_COLUMNS = "job, rating, note, kept, dropped_ms"
"""The columns of `listing` that only people can fill; the rest is made from the jobs."""
STEM_COLUMNS = "job, attempt, stem, revision, name, sample_rate, channels, frames, sha256, loudness_lufs"

_FIRST_LAYOUT = """
CREATE TABLE job (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    submit BLOB NOT NULL,
    engine TEXT NOT NULL,
    reason TEXT NOT NULL,
    placement TEXT NOT NULL,
    seed INTEGER NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    tier TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    end BLOB NOT NULL,
    sentence TEXT NOT NULL
);
CREATE INDEX job_state ON job (state);
CREATE TABLE stem (
    job TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    stem INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    sample_rate INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    loudness_lufs REAL,
    PRIMARY KEY (job, stem)
);
CREATE INDEX stem_sha256 ON stem (sha256);
CREATE TABLE used (sha256 TEXT PRIMARY KEY, used_ms INTEGER NOT NULL);
CREATE TABLE pin (owner TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (owner, sha256));
"""
_LAYOUT_CHANGES = {
    0: _FIRST_LAYOUT,
    1: """
CREATE TABLE checked (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
                      checked_ms INTEGER NOT NULL);
CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
""",
    2: """
CREATE TABLE listing (
    number INTEGER PRIMARY KEY,
    job TEXT NOT NULL UNIQUE,
    task TEXT NOT NULL,
    engine TEXT NOT NULL,
    state TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    base TEXT NOT NULL,
    words TEXT NOT NULL,
    rating INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    kept INTEGER NOT NULL DEFAULT 0,
    dropped_ms INTEGER
);
CREATE INDEX listing_base ON listing (base) WHERE base != '';
CREATE INDEX listing_kept ON listing (kept) WHERE kept;
CREATE INDEX listing_dropped ON listing (dropped_ms) WHERE dropped_ms IS NOT NULL;
CREATE TRIGGER listing_state AFTER UPDATE OF state ON job BEGIN
    UPDATE listing SET state = new.state WHERE number = new.number;
END;
CREATE TABLE input (sha256 TEXT NOT NULL, job TEXT NOT NULL, PRIMARY KEY (sha256, job)) WITHOUT ROWID;
CREATE INDEX input_job ON input (job);
CREATE INDEX pin_sha256 ON pin (sha256);
CREATE TABLE shelf (sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
""",
}
"""What brings a table of a version to the next one."""

_LISTING_CHANGE = 2
"""The version whose jobs have no rows in `listing` yet."""

_EXPECTED_QUERIES = (
    f"SELECT {JOB_COLUMNS} FROM job",  # noqa: S608 - constants
    f"SELECT {STEM_COLUMNS} FROM stem",  # noqa: S608 - constants
    "SELECT sha256, used_ms FROM used",
    "SELECT owner, sha256 FROM pin",
    "SELECT name, bytes, mtime_ns, checked_ms FROM checked",
    "SELECT name, value FROM mark",
    f"SELECT number, task, engine, state, created_ms, base, words, {ANNOTATION_COLUMNS} FROM listing",  # noqa: S608
    "SELECT sha256, job FROM input",
    "SELECT sha256, bytes FROM shelf",
)
_DATE = "%Y%m%d-%H%M%S"
_DATE_LENGTH = 15
_SMALL_BYTES = 2 << 20
"""A table of up to this size (some 2 000 jobs) is read through at each start, in about a millisecond."""


class DamagedTableError(Exception):
    """Raised when a file is no job table any more; its text says what is wrong with it."""


def open_table(path: Path) -> sqlite3.Connection:
    """Opens the table, makes an empty one, or brings an older one up to date.

    A large table is read through only if its last server did not end in order. Raises DamagedTableError, and
    RequestError (`file_unusable`, `disk_full`) for a table of a newer version or a folder without access.
    """
    try:
        if path.exists() and not path.is_file():
            raise DamagedTableError("it is not a file")
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise _unusable_error(path, error) from error
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        _bring_up_to_date(db, path)
        _verify_table(db, path)
    except sqlite3.Error as error:
        db.close()
        # An SQL error here means that a table or a column is missing.
        if is_table_damage(error) or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            raise DamagedTableError(str(error)) from error
        raise _unusable_error(path, error) from error
    except BaseException:
        db.close()
        raise
    return db


def find_damage(db: sqlite3.Connection) -> str | None:
    """What is wrong with a table, having read all of it; None when nothing is. Raises sqlite3.Error."""
    found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    return None if found == "ok" else found


def set_table_aside(path: Path) -> Path:
    """Moves a damaged table and what SQLite keeps beside it out of the way; returns its new path.

    Raises RequestError (`file_unusable`).
    """
    date = datetime.now(UTC).strftime(_DATE)
    aside = path.with_name(f"{path.name}{DAMAGED_SUFFIX}{date}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}{DAMAGED_SUFFIX}{date}-{count}")
    try:
        path.rename(aside)
        for suffix in ("-wal", "-shm"):
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise _unusable_error(path, error) from error
    return aside


def tables_set_aside(path: Path) -> list[Path]:
    """The damaged tables that lie beside a table, oldest first."""
    found = path.parent.glob(f"{path.name}{DAMAGED_SUFFIX}*")
    return sorted(each for each in found if not each.name.endswith(("-wal", "-shm", "-journal")))


def set_aside_at(aside: Path) -> int:
    """When a table was set aside, in milliseconds since 1970, as its name says."""
    text = aside.name.rpartition(DAMAGED_SUFFIX)[2][:_DATE_LENGTH]
    with contextlib.suppress(ValueError):
        return round(datetime.strptime(text, _DATE).replace(tzinfo=UTC).timestamp() * 1000)
    return 0


def newer_table_error(path: Path, version: int) -> RequestError:
    """Says that a table was made by a later Bandmate."""
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say(
            "A newer Bandmate made the job table {path} (layout {version}; this version reads up "
            "to {layout_version}).",
            path=path,
            version=version,
            layout_version=LAYOUT_VERSION,
        ),
        "Update Bandmate, or keep jobs in another folder: BANDMATE_SERVER_DATA=FOLDER.",
    )


def _bring_up_to_date(db: sqlite3.Connection, path: Path) -> None:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > LAYOUT_VERSION:
        raise newer_table_error(path, version)
    for each in range(version, LAYOUT_VERSION):
        # The transaction stays open until the rows are there too.
        db.executescript(f"BEGIN; {_LAYOUT_CHANGES[each]} PRAGMA user_version = {each + 1};")
        if each == _LISTING_CHANGE:
            add_missing_listings(db)
        db.execute("COMMIT")


def _verify_table(db: sqlite3.Connection, path: Path) -> None:
    for query in _EXPECTED_QUERIES:
        db.execute(f"{query} LIMIT 0")
    # What a start reads anyway.
    db.execute(f"SELECT {JOB_COLUMNS} FROM job WHERE state IN ('queued', 'running')").fetchall()  # noqa: S608
    running = db.execute("SELECT 1 FROM mark WHERE name = 'running'").fetchone()
    if running is None and path.stat().st_size > _SMALL_BYTES:
        return
    found = find_damage(db)
    if found is not None:
        raise DamagedTableError(found)


def _unusable_error(path: Path, error: OSError | sqlite3.Error) -> RequestError:
    if is_disk_full(error):
        return RequestError(
            ErrorCode.DISK_FULL,
            say("The disk that holds {parent} is full.", parent=path.parent),
            "Free some space on it.",
        )
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("The job table {path} cannot be used: {reason}.", path=path, reason=reason),
        say(
            "Make {parent} readable and writable, or set another folder: BANDMATE_SERVER_DATA=FOLDER.",
            parent=path.parent,
        ),
    )
