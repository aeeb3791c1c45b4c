"""Jobs that a person drops: out of the list at once, off the disk a while later, and nothing that others need."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.audio.blob_store import BlobStore
from bandmate_server.jobs.job import ACTIVE_STATES, Job, now_ms
from bandmate_server.jobs.store import JobStore
from bandmate_server.spool import JobSpool

_log = logging.getLogger(__name__)

DROP_UNDO_MS = 10 * 60_000
"""How long a dropped job can be restored at least."""


@dataclass(frozen=True)
class DropEffect:
    """What dropping some jobs does."""

    freed_bytes: int
    needed: tuple[str, ...]
    """Jobs that stay for now, because others are heard together with them."""


@dataclass(frozen=True)
class JobDropper:
    """Drops jobs, restores them, and deletes those that nobody has restored. Methods raise sqlite3.Error."""

    store: JobStore
    shelf: BlobStore
    spool: Path

    def preview(self, jobs: Collection[Job]) -> DropEffect:
        """What dropping these jobs together frees. Raises RequestError (`job_in_use`)."""
        self._check_free(jobs)
        wanted = {job.id for job in jobs}
        needed = self.store.library.needed_by_others(wanted, restorable_count=False)
        freed = self.store.library.costs.freed_by(wanted - needed, restorable_count=False)
        return DropEffect(sum(freed.values()), tuple(job.id for job in jobs if job.id in needed))

    def drop(self, jobs: Collection[Job]) -> DropEffect:
        """Takes jobs out of the list, to be deleted later. Raises RequestError (`job_in_use`)."""
        effect = self.preview(jobs)
        self.store.library.mark_dropped([job.id for job in jobs], now_ms())
        return effect

    async def drop_now(self, jobs: Collection[Job]) -> DropEffect:
        """Drops jobs and deletes their audio at once. Raises RequestError (`job_in_use`)."""
        effect = self.drop(jobs)
        await self._delete({job.id for job in jobs})
        return effect

    def restore(self, jobs: Collection[Job]) -> None:
        """Brings dropped jobs back into the list."""
        self.store.library.mark_dropped([job.id for job in jobs], None)

    async def free_dropped(self, before_ms: int) -> None:
        """Deletes the jobs that were dropped before a time, with the audio that only they need."""
        expired = set(self.store.library.dropped_before(before_ms))
        if expired:
            await self._delete(expired)

    def _check_free(self, jobs: Collection[Job]) -> None:
        said = self.store.library.annotations_of([job.id for job in jobs])
        for job in jobs:
            if job.state in ACTIVE_STATES:
                raise RequestError(
                    ErrorCode.JOB_IN_USE,
                    say("Job {job} has not ended.", job=job.id),
                    say("Cancel it first: `bandmate cancel {job}`.", job=job.id),
                )
            if job.id in said and said[job.id].kept:
                raise RequestError(
                    ErrorCode.JOB_IN_USE,
                    say("Job {job} is kept.", job=job.id),
                    say("Release it first: `bandmate jobs keep {job} --release`.", job=job.id),
                )

    async def _delete(self, jobs: set[str]) -> None:
        """The rows first: after a power cut between the two, a file is left over, and no job without its audio."""
        library = self.store.library
        jobs = jobs - library.needed_by_others(jobs, restorable_count=True)
        files = library.costs.freed_by(jobs, restorable_count=True)
        self.store.delete_dropped(jobs, files)
        await asyncio.to_thread(self._delete_files, files, jobs)
        _log.info("%d dropped jobs were deleted, with %.1f MB of audio", len(jobs), sum(files.values()) / 1e6)

    def _delete_files(self, hashes: Iterable[str], jobs: Iterable[str]) -> None:
        for sha256 in hashes:
            self.shelf.delete_files(sha256)
        for job in jobs:
            JobSpool(self.spool / job).drop_folder()
