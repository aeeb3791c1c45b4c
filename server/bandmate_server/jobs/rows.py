"""Jobs and stems as rows of the table, each checked as it is read."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from bandmate_protocol.messages import JobStem, Stem, StemEnd, Submit
from bandmate_server.jobs.job import Job
from bandmate_server.jobs.table import JOB_COLUMNS

_log = logging.getLogger(__name__)

_NAMES = tuple(name.strip() for name in JOB_COLUMNS.split(","))
_encoder = msgspec.msgpack.Encoder()
_submits = msgspec.msgpack.Decoder(Submit)

STEM_NAMES = ("stem", "name", "sha256", "frames", "sample_rate", "loudness_lufs")
"""The columns that make a `JobStem`."""

Row = tuple[Any, ...]


class RowReader:
    """Makes jobs of rows. A row that cannot be read is skipped, with one warning each."""

    def __init__(self) -> None:
        self._warned: set[object] = set()

    def job(self, row: Row) -> Job | None:
        """The job in a row; None for one that this version cannot read."""
        fields = dict(zip(_NAMES, row, strict=True))
        try:
            fields["submit"] = _submits.decode(fields["submit"])
            return msgspec.convert(fields, Job)
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            self._warn(("job", fields["id"]), error)
            return None

    def jobs(self, rows: Iterable[Row]) -> list[Job]:
        """The jobs that can be read, in the order of their rows."""
        return [job for job in map(self.job, rows) if job is not None]

    def stems(self, job: str, rows: Iterable[Row]) -> tuple[JobStem, ...]:
        """The stems that can be read; rows have the columns of `STEM_NAMES`."""
        found = []
        for row in rows:
            try:
                found.append(msgspec.convert(dict(zip(STEM_NAMES, row, strict=True)), JobStem))
            except msgspec.ValidationError as error:
                self._warn(("stem", job, row[0]), error)
        return tuple(found)

    def _warn(self, about: tuple[object, ...], error: Exception) -> None:
        if about not in self._warned:
            self._warned.add(about)
            _log.warning("a row of the job table cannot be read and is left out: %s: %s", about, error)


def job_row(job: Job) -> Row:
    """A job's values in the order of the columns."""
    return tuple(_encoder.encode(job.submit) if name == "submit" else getattr(job, name) for name in _NAMES)


def stem_row(stem: Stem, end: StemEnd) -> Row:
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


def recover_rows(damaged: sqlite3.Connection, table: str, columns: str) -> Iterable[Row]:
    """What can be read of a table in a damaged file: from its start to the damage, then from its end back."""
    first_end: int | None = None
    for order in ("ASC", "DESC"):
        query = f"SELECT rowid, {columns} FROM {table} ORDER BY rowid {order}"  # noqa: S608 - constants
        try:
            for number, *row in damaged.execute(query):
                if order == "DESC" and first_end is not None and number <= first_end:
                    return
                yield tuple(row)
                first_end = number if order == "ASC" else first_end
        except sqlite3.DatabaseError:
            continue
        return
