"""Jobs and the audio they made, in SQLite. Every method is one short transaction."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bandmate_plugins._platform.durable import sync_file
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobState, JobStem, Stem, StemEnd
from bandmate_protocol.texts import say
from bandmate_server.jobs.job import Job, now_ms
from bandmate_server.jobs.job_filters import JobFilters
from bandmate_server.jobs.library import JobLibrary
from bandmate_server.jobs.list_news import ListNews
from bandmate_server.jobs.listing_rows import add_listing, add_missing_listings
from bandmate_server.jobs.rows import STEM_NAMES, RowReader, job_row, recover_rows, restore_length, stem_row
from bandmate_server.jobs.table import (
    ANNOTATION_COLUMNS,
    JOB_COLUMNS,
    STEM_COLUMNS,
    DamagedTableError,
    open_table,
    set_aside_at,
    set_table_aside,
    tables_set_aside,
)
from bandmate_server.jobs.transaction import roll_back, transaction
from bandmate_server.jobs.verified_files import CheckedFiles, RunMarks

ALL_JOBS = JobFilters()

_log = logging.getLogger(__name__)


class JobStore:
    """The database. Survives a killed server: what a method wrote before it returned is there after.

    Every method may raise sqlite3.Error. A damaged file is set aside, and what can be read of it comes into
    the new one. Raises RequestError as `open_table` does.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self.notice = ""
        """What users should know of a table that was set aside; else empty."""
        try:
            # Only the server's main thread comes here, after the thread that opened it.
            self._db = open_table(path)
        except DamagedTableError as damage:
            self._db = self._replace_damaged(damage)
        self.checked = CheckedFiles(self._db)
        self.marks = RunMarks(self._db)
        self.news = ListNews()
        self.library = JobLibrary(self._db, self.news)
        self._rows = RowReader()

    def close(self) -> None:
        """Closes the database."""
        self._db.close()

    @property
    def revision(self) -> int:
        """Another number after every change of any row: nothing else writes to the table while this is open."""
        return self._db.total_changes

    def sync(self) -> None:
        """Waits until what was written outlasts a power cut. Any thread may call it. Raises OSError."""
        with contextlib.suppress(FileNotFoundError), open(f"{self._path}-wal", "r+b") as log:
            sync_file(log.fileno())

    def _replace_damaged(self, damage: DamagedTableError) -> sqlite3.Connection:
        aside = set_table_aside(self._path)
        db = open_table(self._path)
        jobs = _recover_jobs(aside, db) if aside.is_file() else 0
        self.notice = (
            f"The server's list of jobs was damaged. It was set aside as {aside.name}, and a new list was"
            f" started with the {jobs} jobs that could still be read. Audio is kept."
        )
        _log.warning("%s What was wrong: %s", self.notice, damage)
        return db

    def add(self, job: Job) -> None:
        """Puts in a new job."""
        row = job_row(job)
        marks = ", ".join("?" * len(row))
        with transaction(self._db):
            added = self._db.execute(f"INSERT INTO job ({JOB_COLUMNS}) VALUES ({marks})", row)  # noqa: S608
            add_listing(self._db, added.lastrowid or 0)
        self.news.tell()

    def save(self, job: Job) -> None:
        """Writes a job's parameters, state, attempt, tier and end."""
        made = (msgspec.msgpack.encode(job.submit), job.state, job.attempt, job.tier, job.finished_ms)
        self._execute_write(
            "UPDATE job SET submit = ?, state = ?, attempt = ?, tier = ?, finished_ms = ?, end = ?,"
            " sentence = ? WHERE id = ?",
            (*made, job.end, job.sentence, job.id),
        )
        self.news.tell()

    def _execute_write(self, query: str, values: tuple[object, ...]) -> None:
        roll_back(self._db)
        self._db.execute(query, values)

    def get(self, job_id: str) -> Job | None:
        """The job with that id. Raises RequestError (`file_unusable`) for a row that cannot be read."""
        row = self._db.execute(f"SELECT {JOB_COLUMNS} FROM job WHERE id = ?", (job_id,)).fetchone()  # noqa: S608
        if row is None:
            return None
        job = self._rows.read_job(row)
        if job is None:
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say(
                    "Job {job_id} is in the list, but this version of Bandmate cannot read its entry.",
                    job_id=job_id,
                ),
                "If a newer version made it, use that version; otherwise run the job again.",
            )
        return job

    def has(self, job_id: str) -> bool:
        """Whether the table has a job with that id, readable or not."""
        return self._db.execute("SELECT 1 FROM job WHERE id = ?", (job_id,)).fetchone() is not None

    def newest_jobs(
        self, most: int, filters: JobFilters = ALL_JOBS, *, skip: int = 0, before: str | None = None
    ) -> list[Job]:
        """The newest jobs that fit, newest first, without the first `skip`; only those older than `before`."""
        found = self.library.find_jobs(filters, most, skip=skip, before=before)
        rows = self._db.execute(
            f"SELECT {JOB_COLUMNS} FROM job WHERE number IN (SELECT value FROM json_each(?))"  # noqa: S608
            " ORDER BY number DESC",
            (json.dumps(found),),
        )
        return self._rows.read_jobs(rows)

    def jobs_in_state(self, *states: JobState) -> list[Job]:
        """The jobs in any of these states, oldest first."""
        marks = ", ".join("?" * len(states))
        rows = self._db.execute(
            f"SELECT {JOB_COLUMNS} FROM job WHERE state IN ({marks}) ORDER BY number",  # noqa: S608
            states,
        )
        return self._rows.read_jobs(rows)

    def count_active(self, owner: str | None = None) -> int:
        """How many jobs of a client, or of all, wait or run."""
        query = "SELECT count(*) FROM job WHERE state IN ('queued', 'running') AND (? IS NULL OR owner = ?)"
        return int(self._db.execute(query, (owner, owner)).fetchone()[0])

    def count_by_state(self, owner: str) -> dict[JobState, int]:
        """How many jobs of a client are in each state; without those in which none is."""
        query = "SELECT state, count(*) FROM job WHERE owner = ? GROUP BY state"
        return dict(self._db.execute(query, (owner,)).fetchall())

    def mean_seconds(self, owner: str) -> float | None:
        """How long a client's finished jobs took on average, with their time in the queue; None without any."""
        query = "SELECT avg(finished_ms - created_ms) FROM job WHERE owner = ? AND state = 'done'"
        found = self._db.execute(query, (owner,)).fetchone()[0]
        return None if found is None else float(found) / 1_000

    def knows_owner(self, owner: str) -> bool:
        """Whether a client with that resume key ever asked for a job."""
        return self._db.execute("SELECT 1 FROM job WHERE owner = ? LIMIT 1", (owner,)).fetchone() is not None

    def add_stem(self, stem: Stem, end: StemEnd) -> None:
        """Notes a finished stem; a later attempt or revision takes the place of an earlier one."""
        row = stem_row(stem, end)
        marks = ", ".join("?" * len(row))
        with transaction(self._db):
            self._db.execute(f"INSERT OR REPLACE INTO stem ({STEM_COLUMNS}) VALUES ({marks})", row)  # noqa: S608
            self.library.costs.note_file(end.sha256, 4 * stem.channels * end.frames)
        self.mark_used([end.sha256])

    def stems_of(self, job_id: str) -> tuple[JobStem, ...]:
        """The finished stems of a job."""
        columns = ", ".join(STEM_NAMES)
        rows = self._db.execute(f"SELECT {columns} FROM stem WHERE job = ? ORDER BY stem", (job_id,))  # noqa: S608
        return self._rows.read_stems(job_id, rows)

    def stem_numbers(self, job_id: str, attempt: int) -> set[int]:
        """The finished stems of one attempt."""
        query = "SELECT stem FROM stem WHERE job = ? AND attempt = ?"
        return {row[0] for row in self._db.execute(query, (job_id, attempt))}

    def stem_hash(self, job_id: str, attempt: int, stem: int, revision: int) -> str | None:
        """The hash of one finished stem, if that attempt and revision are the last."""
        row = self._db.execute(
            "SELECT sha256 FROM stem WHERE job = ? AND attempt = ? AND stem = ? AND revision = ?",
            (job_id, attempt, stem, revision),
        ).fetchone()
        return row[0] if row else None

    def stem_layout(self, sha256: str) -> tuple[int, int] | None:
        """Sample rate and channels of a finished stem's frames."""
        query = "SELECT sample_rate, channels FROM stem WHERE sha256 = ? LIMIT 1"
        row = self._db.execute(query, (sha256,)).fetchone()
        return (row[0], row[1]) if row else None

    def mark_used(self, hashes: Iterable[str]) -> None:
        """Notes that audio was used just now. Raises nothing: nobody's audio depends on it."""
        used = [(sha256, now_ms()) for sha256 in hashes]
        try:
            roll_back(self._db)
            self._db.executemany("INSERT OR REPLACE INTO used VALUES (?, ?)", used)
        except sqlite3.Error as error:
            _log.warning("the time of use of audio was not noted: %s", error)

    def replace_pins(self, owner: str, hashes: Iterable[str]) -> None:
        """Replaces what an owner has pinned."""
        with transaction(self._db):
            self._db.execute("DELETE FROM pin WHERE owner = ?", (owner,))
            self._db.executemany("INSERT OR IGNORE INTO pin VALUES (?, ?)", [(owner, h) for h in hashes])

    def protected_hashes(self) -> set[str]:
        """Hashes that must not be dropped: pinned, of a kept job, or the input of a job that waits or runs."""
        pinned = {
            row[0] for row in self._db.execute("SELECT sha256 FROM pin")
        } | self.library.hashes_of_kept()
        for job in self.jobs_in_state("queued", "running", "interrupted"):
            pinned.update(audio.sha256 for audio in job.submit.inputs)
        return pinned

    def last_used(self) -> dict[str, int]:
        """When each hash was used last, in milliseconds since 1970."""
        return dict(self._db.execute("SELECT sha256, used_ms FROM used"))

    def set_aside_ms(self) -> int:
        """When a damaged table that still lies here was set aside, in milliseconds since 1970; else 0."""
        return max((set_aside_at(each) for each in tables_set_aside(self._path)), default=0)

    def known_job_ids(self) -> set[str]:
        """The ids of all jobs, also of those that cannot be read."""
        return {row[0] for row in self._db.execute("SELECT id FROM job")}

    def ended_jobs_without(self, hashes: set[str], before_ms: int) -> set[str]:
        """The jobs that ended before a time, are not kept, and have no stem among these hashes."""
        query = (
            "SELECT job.id, stem.sha256 FROM job LEFT JOIN stem ON stem.job = job.id"
            " WHERE job.state IN ('done', 'failed', 'cancelled') AND job.finished_ms < ?"
        )
        rows = self._db.execute(query, (before_ms,))
        found: dict[str, bool] = {}
        for job_id, sha256 in rows:
            found[job_id] = found.get(job_id, False) or sha256 in hashes
        return {job_id for job_id, has_audio in found.items() if not has_audio} - self.library.kept_jobs()

    def delete_jobs(self, job_ids: Iterable[str]) -> None:
        """Removes jobs from the list."""
        self.delete_dropped(job_ids, ())

    def delete_dropped(self, job_ids: Iterable[str], hashes: Iterable[str]) -> None:
        """Removes jobs from the list, and the notes of files that go with them."""
        rows = [(job_id,) for job_id in job_ids]
        if rows:
            with transaction(self._db):
                for table in ("stem", "input", "listing"):
                    self._db.executemany(f"DELETE FROM {table} WHERE job = ?", rows)  # noqa: S608
                self._db.executemany("DELETE FROM job WHERE id = ?", rows)
                self.library.costs.forget_files(hashes)
            self.news.tell()

    def replace_files(self, sizes: dict[str, int]) -> None:
        """Notes which audio is left, by hash with its bytes, and forgets all other."""
        left = sizes.keys()
        used = [(each,) for each in self.last_used() if each not in left]
        checked = [(each,) for each in self.checked.checked_names() if each.partition(".")[0] not in left]
        with transaction(self._db):
            self.library.costs.replace_files(sizes)
            if used or checked:
                self._db.executemany("DELETE FROM used WHERE sha256 = ?", used)
                self._db.executemany("DELETE FROM checked WHERE name = ?", checked)
        if used:
            self.news.tell()


def _recover_jobs(aside: Path, db: sqlite3.Connection) -> int:
    """Brings what can be read of a damaged file into a new one; returns how many jobs that are."""
    restore_length(aside)
    with contextlib.closing(sqlite3.connect(aside)) as damaged, transaction(db):
        jobs = _copy_rows(damaged, db, "job", JOB_COLUMNS)
        _copy_rows(damaged, db, "stem", STEM_COLUMNS)
        _copy_rows(damaged, db, "pin", "owner, sha256")
        add_missing_listings(db)
        _copy_annotations(damaged, db)
    return jobs


def _copy_annotations(damaged: sqlite3.Connection, db: sqlite3.Connection) -> None:
    """Takes over what can be read of what people said about their jobs."""
    update = "UPDATE listing SET rating = ?, note = ?, kept = ?, dropped_ms = ? WHERE job = ?"
    for job, *said in recover_rows(damaged, "listing", ANNOTATION_COLUMNS):
        with contextlib.suppress(sqlite3.IntegrityError, sqlite3.InterfaceError):
            db.execute(update, (*said, job))


def _copy_rows(damaged: sqlite3.Connection, db: sqlite3.Connection, table: str, columns: str) -> int:
    """Takes over what can be read of a table; returns how many rows that were."""
    marks = ", ".join("?" * len(columns.split(",")))
    insert = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - constants
    copied = 0
    for row in recover_rows(damaged, table, columns):
        with contextlib.suppress(sqlite3.IntegrityError, sqlite3.InterfaceError):
            copied += db.execute(insert, row).rowcount
    return copied
