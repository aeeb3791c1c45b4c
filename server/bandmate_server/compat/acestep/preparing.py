"""Turns a request into jobs: what is missing is written, suggested or found first, then the jobs are submitted."""

from __future__ import annotations

import asyncio
import logging

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.compat.acestep.owner import OWNER
from bandmate_server.compat.acestep.task_store import TaskRecord, TaskStore
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.client_jobs import ClientJobs
from bandmate_server.compat.songs.music import metre_text
from bandmate_server.compat.songs.music_request import MusicRequest
from bandmate_server.compat.songs.planning import SourceAudio
from bandmate_server.compat.songs.preparation import PreparedSong, prepare_song
from bandmate_server.faults import as_sendable_error

_log = logging.getLogger(__name__)

MOST_WAITING = 200
"""Tasks without jobs, as many as upstream's queue holds."""


class Preparer:
    """Prepares tasks in the background, one for each request."""

    def __init__(self, context: CompatContext, tasks: TaskStore) -> None:
        self._context = context
        self._tasks = tasks
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(
        self, request: MusicRequest, source: SourceAudio | None, reference: SourceAudio | None
    ) -> TaskRecord:
        """A new task. Raises RequestError (`quota_exceeded`)."""
        if self._tasks.waiting_count >= MOST_WAITING:
            raise RequestError(
                ErrorCode.QUOTA_EXCEEDED,
                say("{most} tasks already wait.", most=MOST_WAITING),
                "Wait for one to end, or cancel one.",
            )
        record = self._tasks.open_task(request.audio_format, request.task)
        record.prompt, record.lyrics = request.song.caption, request.fields.text("lyrics")
        work = self._prepare(record, request, source, reference)
        running = self._context.background.start(work, f"task {record.id}")
        self._running[record.id] = running
        # Not at the end of the work: a task that is cancelled early never begins it.
        running.add_done_callback(lambda _: self._end(record))
        return record

    def cancel(self, record: TaskRecord) -> None:
        """Ends a task, whether or not it has jobs; one that has ended stays as it is."""
        running = self._running.get(record.id)
        if running is not None and running.cancel():
            record.error = "Cancelled."
        for job in record.jobs:
            self._context.services.desk.cancel(job)

    async def _prepare(
        self,
        record: TaskRecord,
        request: MusicRequest,
        source: SourceAudio | None,
        reference: SourceAudio | None,
    ) -> None:
        try:
            with self._context.watch.working(), ClientJobs(self._context, OWNER) as jobs:
                await self._submit_jobs(record, request, source, reference, jobs)
        except Exception as error:  # noqa: BLE001 - the client reads it in the result
            reason = as_sendable_error(error)
            record.error = str(reason)
            if not isinstance(error, BandmateError):
                _log.error("task %s failed: %s", record.id, error, exc_info=error)

    def _end(self, record: TaskRecord) -> None:
        del self._running[record.id]
        if not record.jobs and not record.error:
            record.error = "The server stopped before the task began. Send it again."
        try:
            self._tasks.settle(record)
        except OSError as error:
            _log.error("task %s cannot be written down: %s", record.id, error.strerror)

    async def _submit_jobs(
        self,
        record: TaskRecord,
        request: MusicRequest,
        source: SourceAudio | None,
        reference: SourceAudio | None,
        jobs: ClientJobs,
    ) -> None:
        def say_stage(stage: str) -> None:
            record.stage = stage

        prepared = await prepare_song(self._context, jobs.finish, request, source, reference, say_stage)
        record.caption, record.sung = prepared.song.caption, prepared.song.lyrics
        record.metas = _metas_of(prepared)
        feeds = [await jobs.submit(plan) for plan in prepared.plans]
        jobs.let_go()
        record.jobs = tuple(feed.job.id for feed in feeds)


def _metas_of(prepared: PreparedSong) -> dict[str, object]:
    """In upstream's words; what nobody knows is left out."""
    song = prepared.described
    known = {
        "bpm": song.bpm and round(song.bpm, 2),
        "duration": song.seconds and round(song.seconds, 3),
        "keyscale": song.key,
        "timesignature": metre_text(song.metre) if song.metre else None,
    }
    return {name: value for name, value in known.items() if value is not None}
