"""Tasks of this API: an id of our own, what was asked, and the jobs that it became; each a small file.

Upstream keeps results for seven days, so clients may come back to an id after the server has started again.
"""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
import time
from pathlib import Path
from typing import Any

import msgspec

_log = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 86_400.0
_SWEEP_SECONDS = 3_600.0
"""Between two looks for old tasks."""
_SUFFIX = ".json"
_ID = re.compile(r"[0-9a-f]{32}")


class TaskRecord(msgspec.Struct, omit_defaults=True):
    """One task."""

    id: str
    created_s: float
    audio_format: str = "mp3"
    task: str = ""
    prompt: str = ""
    """As asked."""
    lyrics: str = ""
    metas: dict[str, Any] = {}
    """As asked or found: bpm, key, metre and length, in upstream's words."""
    caption: str = ""
    """As it was rendered."""
    sung: str = ""
    jobs: tuple[str, ...] = ()
    stage: str = "queued"
    error: str = ""
    """Why it has no jobs."""


class TaskStore:
    """Keeps what waits for its jobs in memory, and every task in a file of its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: dict[str, TaskRecord] = {}
        self._swept_s = 0.0
        folder.mkdir(parents=True, exist_ok=True)
        self._remove_old()

    @property
    def waiting_count(self) -> int:
        """How many tasks have no jobs yet."""
        return len(self._waiting)

    def open_task(self, audio_format: str, task: str) -> TaskRecord:
        """A new task, whose jobs are still to come."""
        record = TaskRecord(
            id=secrets.token_hex(16), created_s=time.time(), audio_format=audio_format, task=task
        )
        self._waiting[record.id] = record
        return record

    def settle(self, record: TaskRecord) -> None:
        """Writes down what became of a task: its jobs, or why there are none. Raises OSError."""
        if time.time() - self._swept_s > _SWEEP_SECONDS:
            self._remove_old()
        try:
            self._path(record.id).write_bytes(msgspec.json.encode(record))
        finally:
            self._waiting.pop(record.id, None)

    def find(self, task_id: str) -> TaskRecord | None:
        """The task of an id; None for one that is not known, or no longer."""
        if not _ID.fullmatch(task_id):
            return None
        if task_id in self._waiting:
            return self._waiting[task_id]
        try:
            return msgspec.json.decode(self._path(task_id).read_bytes(), type=TaskRecord)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("task %s cannot be read: %s", task_id, error)
            return None

    def _path(self, task_id: str) -> Path:
        return self._folder / f"{task_id}{_SUFFIX}"

    def _remove_old(self) -> None:
        self._swept_s = time.time()
        oldest = self._swept_s - KEPT_SECONDS
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
