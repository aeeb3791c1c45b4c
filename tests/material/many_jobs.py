"""A job table with as many jobs as a test wants, of which the server knows no audio."""

from __future__ import annotations

from pathlib import Path

from bandmate_protocol.messages import Submit
from bandmate_server.jobs import Job, JobStore
from bandmate_server.jobs.listing_rows import add_missing_listings
from bandmate_server.jobs.rows import job_row
from bandmate_server.jobs.table import JOB_COLUMNS
from bandmate_server.jobs.transaction import transaction
from tests.server.wire import timeline_of

_MINUTE_MS = 60_000
_FIRST_MS = 1_790_000_000_000
_TIMELINE = timeline_of(8)


def fill_job_table(path: Path, count: int) -> None:
    """Jobs `job number 0` and so on, by ids that are their numbers, one a minute, as finished jobs of `generate`."""
    store = JobStore(path)
    names = ", ".join("?" * len(JOB_COLUMNS.split(",")))
    with transaction(store._db):
        store._db.executemany(f"INSERT INTO job ({JOB_COLUMNS}) VALUES ({names})", map(_row, range(count)))
        add_missing_listings(store._db)
    store.marks.mark_running()
    store.marks.mark_stopped()
    store.close()


def _row(number: int) -> tuple[object, ...]:
    submit = Submit(
        request="r", task="generate", params={"prompt": f"job number {number}"}, timeline=_TIMELINE
    )
    made_ms = _FIRST_MS + number * _MINUTE_MS
    return job_row(
        Job(
            id=f"{number:08d}",
            owner="me",
            submit=submit,
            engine="sketch",
            reason="",
            placement="cpu",
            seed=number,
            version="1",
            state="done",
            created_ms=made_ms,
            finished_ms=made_ms,
        )
    )
