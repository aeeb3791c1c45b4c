"""Jobs and stems as rows of the table, each checked as it is read."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from bandmate_protocol.messages import JobStem, Stem, StemEnd, Submit
from bandmate_server.jobs.job import Job
from bandmate_server.jobs.table import JOB_COLUMNS

_log = logging.getLogger(__name__)

_JOB_NAMES = tuple(name.strip() for name in JOB_COLUMNS.split(","))
_encoder = msgspec.msgpack.Encoder()
_submits = msgspec.msgpack.Decoder(Submit)

STEM_NAMES = ("stem", "name", "sha256", "frames", "sample_rate", "loudness_lufs")
"""The columns that make a `JobStem`."""

_MAX_GAP_ROWS = 5_000
"""Rows that may be lost between others; to look for each takes some microseconds."""
_HEADER_BYTES = 100
_MAX_TABLE_BYTES = 1 << 32
"""A header that says more is damaged itself."""

TableRow = tuple[Any, ...]


class RowReader:
    """Makes jobs of rows. A row that cannot be read is skipped, with one warning each."""

    def __init__(self) -> None:
        self._warned: set[object] = set()

    def read_job(self, row: TableRow) -> Job | None:
        """The job in a row; None for one that this version cannot read."""
        fields = dict(zip(_JOB_NAMES, row, strict=True))
        try:
            fields["submit"] = _submits.decode(fields["submit"])
            return msgspec.convert(fields, Job)
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            self._warn_once(("job", fields["id"]), error)
            return None

    def read_jobs(self, rows: Iterable[TableRow]) -> list[Job]:
        """The jobs that can be read, in the order of their rows."""
        return [job for job in map(self.read_job, rows) if job is not None]

    def read_stems(self, job: str, rows: Iterable[TableRow]) -> tuple[JobStem, ...]:
        """The stems that can be read; rows have the columns of `STEM_NAMES`."""
        found = []
        for row in rows:
            try:
                found.append(msgspec.convert(dict(zip(STEM_NAMES, row, strict=True)), JobStem))
            except msgspec.ValidationError as error:
                self._warn_once(("stem", job, row[0]), error)
        return tuple(found)

    def _warn_once(self, about: tuple[object, ...], error: Exception) -> None:
        if about not in self._warned:
            self._warned.add(about)
            _log.warning("a row of the job table cannot be read and is ignored: %s: %s", about, error)


def job_row(job: Job) -> TableRow:
    """A job's values in the order of the columns."""
    return tuple(
        _encoder.encode(job.submit) if name == "submit" else getattr(job, name) for name in _JOB_NAMES
    )


def stem_row(stem: Stem, end: StemEnd) -> TableRow:
    """A finished stem's values in the order of the columns."""
    return (
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
    )


def recover_rows(damaged: sqlite3.Connection, table: str, columns: str) -> Iterator[TableRow]:
    """What can be read of a table in a damaged file, in its order; what lies between is left out."""
    scan = f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid"  # noqa: S608 - constants
    one = f"SELECT {columns} FROM {table} WHERE rowid = ?"  # noqa: S608 - constants
    last, gap = 0, 0
    while gap <= _MAX_GAP_ROWS:
        try:
            for number, *row in damaged.execute(scan, (last,)):
                yield tuple(row)
                last, gap = number, 0
        except sqlite3.DatabaseError:
            # One after the other, until a row can be read again; the scan goes on behind it.
            while gap <= _MAX_GAP_ROWS:
                last, gap = last + 1, gap + 1
                with contextlib.suppress(sqlite3.DatabaseError):
                    found = damaged.execute(one, (last,)).fetchone()
                    if found is not None:
                        yield tuple(found)
                        gap = 0
                        break
        else:
            return


def restore_length(damaged: Path) -> None:
    """Makes a file that was cut short as long as it says that it is: else SQLite reads none of it.

    Bytes 16 and 28 of the header say how large a page is and how many there are (SQLite's file format, 1.3).
    """
    with damaged.open("r+b") as file:
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(b"SQLite format 3\0"):
            return
        page_bytes = int.from_bytes(header[16:18], "big")
        length = (65_536 if page_bytes == 1 else page_bytes) * int.from_bytes(header[28:32], "big")
        if damaged.stat().st_size < length <= _MAX_TABLE_BYTES:
            file.truncate(length)
