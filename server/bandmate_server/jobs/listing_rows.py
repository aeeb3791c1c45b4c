"""What the list of jobs is searched by: a narrow row for each job, beside its whole recipe."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

from bandmate_protocol.messages import Submit

_MOST_PROMPT_LENGTH = 2_000
_MOST_SUBJECT_LENGTH = 256
_submits = msgspec.msgpack.Decoder(Submit)


def add_listing(db: sqlite3.Connection, number: int) -> None:
    """Makes the row of a job that is in the table. Raises sqlite3.Error and msgspec.MsgspecError."""
    query = "SELECT number, id, engine, state, created_ms, submit FROM job WHERE number = ?"
    _insert_listing(db, db.execute(query, (number,)).fetchone())


def add_missing_listings(db: sqlite3.Connection) -> None:
    """Makes the rows of all jobs that have none; a job that cannot be read stays without."""
    query = (
        "SELECT number, id, engine, state, created_ms, submit FROM job"
        " WHERE number NOT IN (SELECT number FROM listing)"
    )
    for row in db.execute(query).fetchall():
        try:
            _insert_listing(db, row)
        except (msgspec.MsgspecError, TypeError, ValueError):
            continue


def search_words(job_id: str, submit: Submit, engine: str, note: str) -> str:
    """The text in which the words of a search are looked for."""
    prompt = str(submit.params.get("prompt") or "")[:_MOST_PROMPT_LENGTH]
    subject = submit.origin.get("subject", "")[:_MOST_SUBJECT_LENGTH]
    return " ".join((job_id, submit.task, engine, prompt, subject, note)).casefold()


def _insert_listing(db: sqlite3.Connection, row: tuple[int, str, str, str, int, bytes]) -> None:
    number, job_id, engine, state, created_ms, encoded = row
    submit = _submits.decode(encoded)
    words = search_words(job_id, submit, engine, "")
    base = submit.origin.get("base", "")
    db.execute(
        "INSERT INTO listing (number, job, task, engine, state, created_ms, base, words)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, job_id, submit.task, engine, state, created_ms, base, words),
    )
    db.executemany("INSERT OR IGNORE INTO input (sha256, job) VALUES (?, ?)", _inputs(job_id, submit))


def _inputs(job_id: str, submit: Submit) -> Iterator[tuple[str, str]]:
    for given in submit.inputs:
        yield given.sha256, job_id
