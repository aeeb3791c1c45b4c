"""The jobs' records as the desk keeps them: in the table, or in memory until the table takes them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable

from bandmate_protocol.messages import Stem, StemEnd
from bandmate_server.jobs.backlog import WriteBacklog
from bandmate_server.jobs.events import JobEvents
from bandmate_server.jobs.job import Job
from bandmate_server.jobs.store import JobStore
from bandmate_server.spool import JobSpool

_log = logging.getLogger(__name__)


class JobRecords:
    """Writes what becomes of jobs. Raises nothing: a full disk ends no lane, and every end is told."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._backlog = WriteBacklog()
        self._feeds: dict[str, JobEvents] = {}
        self._ended: set[str] = set()
        """Jobs that ended, and whose end the table may not have yet."""

    def events_of(self, job_id: str) -> JobEvents | None:
        """The feed of a job that waits or runs, or whose end the table does not have yet."""
        return self._feeds.get(job_id)

    def open_job(self, feed: JobEvents) -> None:
        """A job waits: its feed is the one that all follow."""
        self._feeds[feed.job.id] = feed
        self._ended.discard(feed.job.id)

    def end_job(self, feed: JobEvents) -> None:
        """A job has ended: its feed is let go of once the table knows."""
        self._feeds[feed.job.id] = feed
        self._ended.add(feed.job.id)
        self.save_job(feed.job)

    def save_job(self, job: Job) -> None:
        """Writes a job's state."""
        self._write_or_wait(("job", job.id), lambda: self._store.save(job))

    def add_stem(self, feed: JobEvents, stem: Stem, end: StemEnd) -> None:
        """Writes a finished stem."""
        feed.finished[end.attempt, end.stem, end.revision] = end.sha256
        about = ("stem", end.job, end.attempt, end.stem, end.revision)
        self._write_or_wait(about, lambda: self._store.add_stem(stem, end))

    def flush_backlog(self) -> None:
        """Writes what the table could not take before, if it can now."""
        if self._backlog.retry():
            self._forget_ended()

    async def sync_job(self, spool: JobSpool, attempt: int) -> None:
        """Has a power cut leave a job that has ended: its journal, then its end in the table."""
        try:
            await asyncio.to_thread(self._sync_files, spool, attempt)
        except OSError as error:
            _log.warning("the end of the job may not be on the disk yet: %s", error)

    def _sync_files(self, spool: JobSpool, attempt: int) -> None:
        spool.sync_journal(attempt)
        self._store.sync()

    def _write_or_wait(self, about: Hashable, write: Callable[[], None]) -> None:
        if self._backlog.write(about, write):
            self._forget_ended()

    def _forget_ended(self) -> None:
        for job_id in self._ended:
            self._feeds.pop(job_id, None)
        self._ended.clear()
