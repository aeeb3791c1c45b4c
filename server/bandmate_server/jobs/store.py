"""Jobs and the audio they made, in SQLite. Every method is one short transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bandmate_protocol.messages import JobState, JobStem, Stem, StemEnd, Submit
from bandmate_server.jobs.job import Job, now_ms

_SCHEMA = """
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
_VERSION = 1
_COLUMNS = (
    "id, owner, submit, engine, reason, placement, seed, version, state, attempt, tier,"
    " created_ms, finished_ms, end, sentence"
)


class JobStore:
    """The database. Survives a killed server: what a method wrote before it returned is there after."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The server writes from one thread at a time; the retention sweep has its own connection.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if self._db.execute("PRAGMA user_version").fetchone()[0] == 0:
            self._db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")

    def close(self) -> None:
        """Closes the database."""
        self._db.close()

    def add(self, job: Job) -> None:
        """Puts in a new job."""
        marks = ", ".join("?" * len(_COLUMNS.split(",")))
        self._db.execute(f"INSERT INTO job ({_COLUMNS}) VALUES ({marks})", _row(job))  # noqa: S608

    def save(self, job: Job) -> None:
        """Writes a job's parameters, state, attempt, tier and end."""
        made = (msgspec.msgpack.encode(job.submit), job.state, job.attempt, job.tier, job.finished_ms)
        self._db.execute(
            "UPDATE job SET submit = ?, state = ?, attempt = ?, tier = ?, finished_ms = ?, end = ?,"
            " sentence = ? WHERE id = ?",
            (*made, job.end, job.sentence, job.id),
        )

    def get(self, job_id: str) -> Job | None:
        """The job with that id."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM job WHERE id = ?", (job_id,)).fetchone()  # noqa: S608
        return _job(row) if row else None

    def newest(self, most: int, prefix: str = "") -> list[Job]:
        """The newest jobs, newest first; only those whose id starts with `prefix`."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM job WHERE id GLOB ? ORDER BY number DESC LIMIT ?",  # noqa: S608
            (f"{prefix}*", most),
        )
        return [_job(row) for row in rows]

    def in_state(self, *states: JobState) -> list[Job]:
        """The jobs in any of these states, oldest first."""
        marks = ", ".join("?" * len(states))
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM job WHERE state IN ({marks}) ORDER BY number",  # noqa: S608
            states,
        )
        return [_job(row) for row in rows]

    def count_active(self, owner: str) -> int:
        """How many jobs of a client wait or run."""
        query = "SELECT count(*) FROM job WHERE owner = ? AND state IN ('queued', 'running')"
        return int(self._db.execute(query, (owner,)).fetchone()[0])

    def knows_owner(self, owner: str) -> bool:
        """Whether a client with that resume key ever asked for a job."""
        return self._db.execute("SELECT 1 FROM job WHERE owner = ? LIMIT 1", (owner,)).fetchone() is not None

    def add_stem(self, stem: Stem, end: StemEnd) -> None:
        """Notes a finished stem; a later attempt or revision takes the place of an earlier one."""
        self._db.execute(
            "INSERT OR REPLACE INTO stem VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                end.job,
                end.attempt,
                end.stem,
                end.revision,
                stem.name,
                stem.sample_rate,
                stem.channels,
                end.frames,
                end.sha256,
                end.loudness_lufs,
            ),
        )
        self.touch([end.sha256])

    def stems(self, job_id: str) -> tuple[JobStem, ...]:
        """The finished stems of a job."""
        rows = self._db.execute(
            "SELECT stem, name, sha256, frames, sample_rate, loudness_lufs"
            " FROM stem WHERE job = ? ORDER BY stem",
            (job_id,),
        )
        return tuple(
            JobStem(stem=r[0], name=r[1], sha256=r[2], frames=r[3], sample_rate=r[4], loudness_lufs=r[5])
            for r in rows
        )

    def stem_hash(self, job_id: str, attempt: int, stem: int, revision: int) -> str | None:
        """The hash of one finished stem, if that attempt and revision are the last."""
        row = self._db.execute(
            "SELECT sha256 FROM stem WHERE job = ? AND attempt = ? AND stem = ? AND revision = ?",
            (job_id, attempt, stem, revision),
        ).fetchone()
        return row[0] if row else None

    def layout(self, sha256: str) -> tuple[int, int] | None:
        """Sample rate and channels of a finished stem's frames."""
        query = "SELECT sample_rate, channels FROM stem WHERE sha256 = ? LIMIT 1"
        row = self._db.execute(query, (sha256,)).fetchone()
        return (row[0], row[1]) if row else None

    def touch(self, hashes: Iterable[str]) -> None:
        """Notes that audio was used just now."""
        self._db.executemany(
            "INSERT OR REPLACE INTO used VALUES (?, ?)", [(sha256, now_ms()) for sha256 in hashes]
        )

    def pin(self, owner: str, hashes: Iterable[str]) -> None:
        """Replaces what an owner has pinned."""
        with _transaction(self._db):
            self._db.execute("DELETE FROM pin WHERE owner = ?", (owner,))
            self._db.executemany("INSERT OR IGNORE INTO pin VALUES (?, ?)", [(owner, h) for h in hashes])

    def kept(self) -> set[str]:
        """Hashes that must not be dropped: pinned, or the input of a job that waits or runs."""
        pinned = {row[0] for row in self._db.execute("SELECT sha256 FROM pin")}
        for job in self.in_state("queued", "running", "interrupted"):
            pinned.update(audio.sha256 for audio in job.submit.inputs)
        return pinned

    def last_used(self) -> dict[str, int]:
        """When each hash was used last, in milliseconds since 1970."""
        return dict(self._db.execute("SELECT sha256, used_ms FROM used"))


class _transaction:  # noqa: N801 - used like a function
    """BEGIN and COMMIT, or ROLLBACK when something is raised."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


def _row(job: Job) -> tuple[object, ...]:
    return (
        job.id,
        job.owner,
        msgspec.msgpack.encode(job.submit),
        job.engine,
        job.reason,
        job.placement,
        job.seed,
        job.version,
        job.state,
        job.attempt,
        job.tier,
        job.created_ms,
        job.finished_ms,
        job.end,
        job.sentence,
    )


def _job(row: tuple[Any, ...]) -> Job:
    names = [name.strip() for name in _COLUMNS.split(",")]
    fields = dict(zip(names, row, strict=True))
    submit = msgspec.msgpack.decode(fields.pop("submit"), type=Submit)
    return Job(submit=submit, **fields)
