"""What jobs cost on the disk: each file of audio once, and only where nothing else needs it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable

_JOBS = "(SELECT value FROM json_each(:jobs))"
_FILES = f"""
    SELECT job, sha256 FROM stem WHERE job IN {_JOBS}
    UNION
    SELECT job, sha256 FROM input WHERE job IN {_JOBS}
"""  # noqa: S608 - constants
_UNPINNED = "NOT EXISTS (SELECT 1 FROM pin WHERE pin.sha256 = file.sha256)"


def _unused_by(others: str) -> str:
    """The condition that no other job uses a file; `others` says which jobs count."""
    return " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} AS other JOIN listing ON listing.job = other.job"  # noqa: S608
        f" WHERE other.sha256 = file.sha256 AND {others})"
        for table in ("stem", "input")
    )


_EACH = f"""
    SELECT file.job, sum(shelf.bytes) FROM ({_FILES}) AS file JOIN shelf ON shelf.sha256 = file.sha256
    WHERE {_UNPINNED} AND {_unused_by("other.job != file.job AND listing.dropped_ms IS NULL")}
    AND NOT EXISTS (SELECT 1 FROM listing WHERE listing.base = file.job AND listing.dropped_ms IS NULL)
    GROUP BY file.job
"""  # noqa: S608 - constants
_TOGETHER = f"""
    SELECT DISTINCT file.sha256, shelf.bytes FROM ({_FILES}) AS file
    LEFT JOIN shelf ON shelf.sha256 = file.sha256
    WHERE {_UNPINNED} AND {_unused_by(f"other.job NOT IN {_JOBS} AND (:strict OR listing.dropped_ms IS NULL)")}
"""  # noqa: S608 - constants

_REMOVED = f"""
    SELECT job, stem FROM stem WHERE job IN {_JOBS}
    AND NOT EXISTS (SELECT 1 FROM shelf WHERE shelf.sha256 = stem.sha256) ORDER BY job, stem
"""  # noqa: S608 - constants


class DiskCosts:
    """Sizes of the audio on the shelf, and which of it dropping a job would free."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._total: int | None = None
        self._noted: set[str] = set()
        """Files that came while somebody looked at the folder, and may have missed them."""

    def begin_look(self) -> None:
        """Somebody looks at the folder from now on, for `replace_files`."""
        self._noted.clear()

    def note_file(self, sha256: str, size_bytes: int) -> None:
        """A file lies on the shelf now."""
        self._total = None
        self._noted.add(sha256)
        self._db.execute("INSERT OR REPLACE INTO shelf VALUES (?, ?)", (sha256, size_bytes))

    def replace_files(self, sizes: dict[str, int]) -> None:
        """What lies on the shelf, as a look at the folder found it. Needs a transaction."""
        self._total = None
        known = dict(self._db.execute("SELECT sha256, bytes FROM shelf"))
        gone = [(sha256,) for sha256 in known.keys() - sizes.keys() - self._noted]
        self._db.executemany("DELETE FROM shelf WHERE sha256 = ?", gone)
        changed = [(sha256, size) for sha256, size in sizes.items() if known.get(sha256) != size]
        self._db.executemany("INSERT OR REPLACE INTO shelf VALUES (?, ?)", changed)

    def forget_files(self, hashes: Iterable[str]) -> None:
        """Files that were deleted."""
        self._total = None
        self._db.executemany("DELETE FROM shelf WHERE sha256 = ?", [(sha256,) for sha256 in hashes])

    def total_bytes(self) -> int:
        """All audio on the shelf, each file once."""
        if self._total is None:
            query = "SELECT coalesce(sum(bytes), 0) FROM shelf"
            self._total = int(self._db.execute(query).fetchone()[0])
        return self._total

    def bytes_of_each(self, jobs: Collection[str]) -> dict[str, int]:
        """What dropping each of these jobs alone would free; 0 for those not in the answer."""
        return dict(self._db.execute(_EACH, {"jobs": json.dumps([*jobs])}))

    def removed_stems(self, jobs: Collection[str]) -> dict[str, tuple[int, ...]]:
        """The stems of each of these jobs whose audio is gone; jobs that have all of it are not in the answer."""
        removed: dict[str, tuple[int, ...]] = {}
        for job, stem in self._db.execute(_REMOVED, {"jobs": json.dumps([*jobs])}):
            removed[job] = (*removed.get(job, ()), stem)
        return removed

    def freed_by(self, jobs: Collection[str], *, restorable_count: bool) -> dict[str, int]:
        """The files, by hash with their bytes, that go when all of these jobs go.

        ``restorable_count``: what other dropped jobs need stays too, as they may be restored.
        """
        values = {"jobs": json.dumps([*jobs]), "strict": restorable_count}
        return {sha256: size or 0 for sha256, size in self._db.execute(_TOGETHER, values)}
