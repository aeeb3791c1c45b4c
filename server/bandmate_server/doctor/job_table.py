"""The list of jobs: whether it can be read, and whether a damaged one was set aside."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from bandmate_protocol.texts import say
from bandmate_server.doctor.finding import Finding
from bandmate_server.doctor.folders import data_folder
from bandmate_server.jobs.rows import RowReader
from bandmate_server.jobs.table import (
    JOB_COLUMNS,
    LAYOUT_VERSION,
    find_damage,
    newer_table_error,
    tables_set_aside,
)

_ABOUT = "list of jobs"


def check_job_table() -> Iterator[Finding]:
    """Reads all of the table, and changes nothing."""
    path = data_folder() / "jobs.sqlite"
    for aside in tables_set_aside(path):
        yield Finding(
            "note",
            _ABOUT,
            say("A damaged list of jobs was set aside as {aside}.", aside=aside),
            "No older audio is deleted while it exists. If no job is missing, delete it.",
        )
    if path.exists():
        yield _examine_table(path)
    else:
        yield Finding("good", _ABOUT, "empty so far")


def _examine_table(path: Path) -> Finding:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if version > LAYOUT_VERSION:
                newer = newer_table_error(path, version)
                return Finding("bad", _ABOUT, newer.sentence, newer.remedy)
            damage = find_damage(db)
            rows = db.execute(f"SELECT {JOB_COLUMNS} FROM job").fetchall()  # noqa: S608 - constants
    except sqlite3.Error as error:
        damage, rows = str(error), []
    if damage is not None:
        return Finding(
            "bad",
            _ABOUT,
            say("{path} is damaged: {damage}.", path=path, damage=damage),
            "The next server sets it aside and keeps every job that can still be read. Audio is kept.",
        )
    unreadable = len(rows) - len(RowReader().read_jobs(rows))
    if unreadable:
        return Finding(
            "note",
            _ABOUT,
            say(
                "{unreadable} of the {count} entries in {path} cannot be read and are ignored.",
                unreadable=unreadable,
                count=len(rows),
                path=path,
            ),
            "If a newer Bandmate wrote them, use that version.",
        )
    return Finding("good", _ABOUT, say("{count} jobs", count=len(rows)))
