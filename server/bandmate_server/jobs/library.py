"""The list of jobs as people use it: searched, rated, noted, kept, dropped and restored."""

from __future__ import annotations

import json
import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bandmate_protocol.messages import Submit
from bandmate_server.jobs.disk_costs import DiskCosts
from bandmate_server.jobs.job_filters import JobFilters
from bandmate_server.jobs.list_news import ListNews
from bandmate_server.jobs.listing_rows import search_words
from bandmate_server.jobs.transaction import roll_back, transaction

_MAX_LISTS = 8
"""Lists that are remembered until the next change; one of 100 000 jobs takes 800 kB."""
_NEEDED_BY_KEPT = """
    WITH RECURSIVE needed(job) AS (
        SELECT job FROM listing WHERE kept
        UNION SELECT listing.base FROM listing JOIN needed ON listing.job = needed.job WHERE listing.base != ''
    )
"""


@dataclass(frozen=True)
class JobAnnotation:
    """What people said about a job."""

    rating: int = 0
    note: str = ""
    kept: bool = False
    dropped_ms: int | None = None


class JobLibrary:
    """Every method may raise sqlite3.Error, and is one short transaction."""

    def __init__(self, db: sqlite3.Connection, news: ListNews) -> None:
        self._db = db
        self._news = news
        self._found: dict[JobFilters, array[int]] = {}
        self.costs = DiskCosts(db)
        news.add_listener(self._found.clear)

    def count_jobs(self, filters: JobFilters) -> int:
        """How many jobs fit."""
        return len(self._matches(filters))

    def find_jobs(
        self, filters: JobFilters, most: int, *, skip: int = 0, before: str | None = None
    ) -> list[int]:
        """The numbers of the newest jobs that fit, newest first."""
        matches = self._matches(filters)
        end = len(matches)
        if before is not None:
            row = self._db.execute("SELECT number FROM listing WHERE job = ?", (before,)).fetchone()
            end = bisect_left(matches, row[0]) if row else 0
        end = max(end - skip, 0)
        return list(reversed(matches[max(end - most, 0) : end]))

    def _matches(self, filters: JobFilters) -> array[int]:
        """The numbers of all jobs that fit, oldest first: one pass, which serves every page until the next change."""
        found = self._found.pop(filters, None)
        if found is None:
            condition, values = filters.condition()
            query = f"SELECT number FROM listing WHERE {condition} ORDER BY number"  # noqa: S608 - constants
            found = array("q", (row[0] for row in self._db.execute(query, values)))
        # The one that was asked for last is the last to go.
        self._found[filters] = found
        while len(self._found) > _MAX_LISTS:
            del self._found[next(iter(self._found))]
        return found

    def annotations_of(self, jobs: Collection[str]) -> dict[str, JobAnnotation]:
        """What was said about each of these jobs."""
        query = (
            "SELECT job, rating, note, kept, dropped_ms FROM listing"
            " WHERE job IN (SELECT value FROM json_each(?))"
        )
        rows = self._db.execute(query, (json.dumps([*jobs]),))
        return {
            job: JobAnnotation(rating, note, bool(kept), dropped) for job, rating, note, kept, dropped in rows
        }

    def annotation_of(self, job: str) -> JobAnnotation:
        """What was said about a job."""
        return self.annotations_of([job]).get(job, JobAnnotation())

    def annotate(self, job: str, submit: Submit, engine: str, annotation: JobAnnotation) -> None:
        """Replaces what was said about a job."""
        words = search_words(job, submit, engine, annotation.note)
        roll_back(self._db)
        self._db.execute(
            "UPDATE listing SET rating = ?, note = ?, kept = ?, words = ? WHERE job = ?",
            (annotation.rating, annotation.note, annotation.kept, words, job),
        )
        self._news.tell()

    def mark_dropped(self, jobs: Iterable[str], dropped_ms: int | None) -> None:
        """Takes jobs out of the list; None brings them back."""
        with transaction(self._db):
            self._db.executemany(
                "UPDATE listing SET dropped_ms = ? WHERE job = ?", [(dropped_ms, job) for job in jobs]
            )
        self._news.tell()

    def dropped_before(self, before_ms: int) -> list[str]:
        """The jobs that were dropped before a time."""
        rows = self._db.execute("SELECT job FROM listing WHERE dropped_ms < ?", (before_ms,))
        return [row[0] for row in rows]

    def needed_by_others(self, jobs: Collection[str], *, restorable_count: bool) -> set[str]:
        """Those of some jobs that others are heard together with, directly or through one of them.

        ``restorable_count``: other dropped jobs count too, as they may be restored.
        """
        wanted, needed = set(jobs), set[str]()
        rows = self._db.execute(
            "SELECT job, base, dropped_ms FROM listing WHERE base IN (SELECT value FROM json_each(?))",
            (json.dumps([*wanted]),),
        ).fetchall()
        while True:
            more = {
                base
                for job, base, dropped_ms in rows
                if base not in needed
                and (job in needed or (job not in wanted and (restorable_count or dropped_ms is None)))
            }
            if not more:
                return needed
            needed |= more

    def hashes_of_kept(self) -> set[str]:
        """Stems and inputs of the jobs that are kept, and of those that they are heard together with."""
        query = (
            f"{_NEEDED_BY_KEPT} SELECT sha256 FROM stem WHERE job IN needed"  # noqa: S608 - constants
            " UNION SELECT sha256 FROM input WHERE job IN needed"
        )
        return {row[0] for row in self._db.execute(query)}

    def kept_jobs(self) -> set[str]:
        """The jobs that are kept, and those that they are heard together with."""
        return {row[0] for row in self._db.execute(f"{_NEEDED_BY_KEPT} SELECT job FROM needed")}  # noqa: S608


def merged_annotation(
    before: JobAnnotation, rating: int | None, note: str | None, kept: bool | None
) -> JobAnnotation:
    """An annotation with what is not None replaced."""
    return JobAnnotation(
        rating=before.rating if rating is None else rating,
        note=before.note if note is None else note,
        kept=before.kept if kept is None else kept,
        dropped_ms=before.dropped_ms,
    )
