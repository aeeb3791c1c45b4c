"""The retention budget: the least recently used audio goes first, pinned audio never; and what is left over.

Left over are half uploads that nobody goes on with, and what is kept of jobs whose audio is gone.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bandmate_server.audio.blob_store import BLOB_SUFFIXES, PART_SUFFIX, BlobStore
from bandmate_server.audio.peaks import PEAKS_SUFFIX
from bandmate_server.jobs.dropping import DROP_UNDO_MS, JobDropper
from bandmate_server.jobs.job import now_ms
from bandmate_server.jobs.store import JobStore
from bandmate_server.spool import JobSpool

_log = logging.getLogger(__name__)

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
PARTIAL_UPLOAD_MS = 7 * _DAY_MS
"""A half upload that nobody has gone on with for so long is dropped."""
_RECENT_WRITE_MS = _HOUR_MS
"""One that was written to within so long may still be coming, and the budget does not drop it."""
JOURNAL_MS = 7 * _DAY_MS
"""A job that ended so long ago keeps its journal only if some of its audio is left."""
_AUDIO_SUFFIXES = frozenset(BLOB_SUFFIXES.values())
RECIPE_MS = 365 * _DAY_MS
"""A job whose audio is gone can be rendered again for so long; then it leaves the list."""


@dataclass(frozen=True)
class _DiskEntry:
    """A file, or a job's folder in the spool."""

    path: Path
    size_bytes: int
    mtime_ms: int


@dataclass
class _DiskScan:
    """What was on the disk when the sweep looked."""

    files: list[_DiskEntry] = field(default_factory=list)
    halves: list[_DiskEntry] = field(default_factory=list)
    peaks: list[_DiskEntry] = field(default_factory=list)
    folders: list[_DiskEntry] = field(default_factory=list)


@dataclass(frozen=True)
class RetentionSweeper:
    """Keeps the server's folders small."""

    shelf: BlobStore
    uploads: Path
    spool: Path
    store: JobStore
    dropper: JobDropper
    budget_bytes: int

    async def sweep(self) -> int:
        """Deletes jobs that were dropped, what is left over, then audio until the rest is within the budget.

        What is pinned, of a kept job, or an input of a job still to run, is neither counted nor dropped; neither is
        what is older than a job table that was set aside, while that lies there: its pins may be lost. Returns the
        bytes dropped for the budget. Raises OSError and sqlite3.Error.
        """
        now = now_ms()
        await self.dropper.free_dropped(now - DROP_UNDO_MS)
        found = await asyncio.to_thread(self._scan_disk)
        dropped = _drop_files(half for half in found.halves if now - half.mtime_ms > PARTIAL_UPLOAD_MS)
        candidates, over = self._over_budget(found, now)
        dropped += _drop_budget(candidates, over)
        await self._tidy_jobs(found, now)
        if dropped:
            _log.info("deleted %.1f MB of audio to stay within the retention budget", dropped / 1e6)
        return dropped

    async def preview(self) -> int:
        """The bytes that a sweep would delete now for the budget. Raises OSError and sqlite3.Error."""
        found = await asyncio.to_thread(self._scan_disk)
        candidates, over = self._over_budget(found, now_ms())
        freed = 0
        for item in candidates:
            if freed >= over:
                break
            freed += item.size_bytes
        return freed

    def _scan_disk(self) -> _DiskScan:
        """In a thread: tens of thousands of files take a while."""
        found = _DiskScan()
        kinds = {PART_SUFFIX: found.halves, PEAKS_SUFFIX: found.peaks}
        for item in [*_list_entries(self.shelf.folder), *_list_entries(self.uploads)]:
            kinds.get(item.path.suffix, found.files).append(item)
        found.folders = _list_entries(self.spool)
        return found

    def _over_budget(self, found: _DiskScan, now: int) -> tuple[list[_DiskEntry], int]:
        """What may go, the least recently used first, and how many bytes of it have to."""
        used = self.store.last_used()
        kept = self.store.protected_hashes()
        unsure_ms = self.store.set_aside_ms()
        # A file that no job has noted yet was used when it was written.
        counted = [
            (used.get(item.path.stem, item.mtime_ms), item)
            for item in found.files
            if item.path.stem not in kept and item.mtime_ms >= unsure_ms
        ]
        halves = [half for half in found.halves if now - half.mtime_ms <= PARTIAL_UPLOAD_MS]
        over = sum(item.size_bytes for _, item in counted) + sum(half.size_bytes for half in halves)
        over -= self.budget_bytes
        idle = [(half.mtime_ms, half) for half in halves if now - half.mtime_ms > _RECENT_WRITE_MS]
        return [item for _, item in sorted([*counted, *idle], key=lambda each: each[0])], over

    async def _tidy_jobs(self, found: _DiskScan, now: int) -> None:
        """Lets go of journals, and in the end of recipes, of jobs whose audio is gone."""
        self.store.library.costs.begin_look()
        on_shelf = await asyncio.to_thread(_list_entries, self.shelf.folder)
        sizes = {item.path.stem: item.size_bytes for item in on_shelf if item.path.suffix in _AUDIO_SUFFIXES}
        left = set(sizes)
        _drop_files(item for item in found.peaks if item.path.stem not in left)
        self.store.replace_files(sizes)
        gone = self.store.ended_jobs_without(left, before_ms=now - JOURNAL_MS)
        known = self.store.known_job_ids()
        folders = [
            item.path
            for item in found.folders
            if item.path.name in gone or (item.path.name not in known and now - item.mtime_ms > JOURNAL_MS)
        ]
        await asyncio.to_thread(_drop_folders, folders)
        self.store.delete_jobs(self.store.ended_jobs_without(left, before_ms=now - RECIPE_MS))


def _list_entries(folder: Path) -> list[_DiskEntry]:
    found = []
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return []
    with entries:
        for entry in entries:
            try:
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            found.append(_DiskEntry(Path(entry.path), stat.st_size, stat.st_mtime_ns // 1_000_000))
    return found


def _drop_budget(candidates: Iterable[_DiskEntry], over: int) -> int:
    """Deletes files until so many bytes are free; returns the bytes. What cannot be deleted does not count."""
    dropped = 0
    for item in candidates:
        if dropped >= over:
            break
        dropped += _drop_files([item])
    return dropped


def _drop_files(items: Iterable[_DiskEntry]) -> int:
    """Deletes files; returns the bytes. One that is being read on Windows stays until the next time."""
    dropped = 0
    for item in items:
        try:
            item.path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s could not be deleted: %s", item.path.name, error.strerror)
        else:
            dropped += item.size_bytes
    return dropped


def _drop_folders(folders: Iterable[Path]) -> None:
    for folder in folders:
        JobSpool(folder).drop_folder()
