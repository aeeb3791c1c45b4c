"""Turns a request into jobs: what is missing is written, suggested or found first, then the jobs are submitted."""

from __future__ import annotations

import asyncio
import logging

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Done, Failed, Probe, Submit, Suggest
from bandmate_protocol.texts import say
from bandmate_server.compat.acestep.music import metre_text
from bandmate_server.compat.acestep.music_request import MusicRequest
from bandmate_server.compat.acestep.owner import OWNER
from bandmate_server.compat.acestep.planning import (
    SourceAudio,
    Surroundings,
    plan_analysis,
    plan_jobs,
    tempo_of_report,
)
from bandmate_server.compat.acestep.song import Song
from bandmate_server.compat.acestep.task_store import TaskRecord, TaskStore
from bandmate_server.compat.acestep.writing import write_song
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.making import REQUEST_ID, SAMPLE_RATE, submit, wait_for_end
from bandmate_server.faults import as_sendable_error
from bandmate_server.sessions import requests

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
        running = asyncio.create_task(work, name=f"task {record.id}")
        self._running[record.id] = running
        running.add_done_callback(lambda _: self._running.pop(record.id, None))
        return record

    def cancel(self, record: TaskRecord) -> None:
        """Ends a task, whether or not it has jobs; one that has ended stays as it is."""
        running = self._running.get(record.id)
        if running is not None:
            record.cancelled = True
            running.cancel()
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
            with self._context.watch.working():
                await self._submit_jobs(record, request, source, reference)
        except asyncio.CancelledError:
            if not record.cancelled:
                record.error = "The server stopped before the task began. Send it again."
                raise
            record.error = "Cancelled."
            for job in record.jobs:
                self._context.services.desk.cancel(job)
        except Exception as error:  # noqa: BLE001 - the client reads it in the result
            reason = as_sendable_error(error)
            record.error = str(reason)
            if not isinstance(error, BandmateError):
                _log.error("task %s failed: %s", record.id, error, exc_info=error)
        finally:
            self._settle(record)

    def _settle(self, record: TaskRecord) -> None:
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
    ) -> None:
        song, tempo = request.song, None
        if request.is_to_be_written:
            record.stage = "writing the song"
            song = await write_song(self._context, request.fields, song)
        if request.task == "text2music" and not song.is_complete:
            record.stage = "reading the prompt"
            asked = Suggest(request=REQUEST_ID, prompt=song.caption)
            song = song.completed(await requests.suggest_music(self._context.services, asked))
        if request.needs_tempo and song.bpm is None and source is not None:
            record.stage = "finding the tempo"
            report = await self._analyse(source)
            tempo = tempo_of_report(report)
            song = song.rewritten({"key": report.get("key")})
        plugins = await self._context.services.catalogue.plugins()
        around = Surroundings(tuple(engine.info for engine in plugins.engines), source, reference, tempo)
        plans = plan_jobs(request, song, around)
        record.caption, record.sung = song.caption, song.lyrics
        record.metas = _metas_of(song, plans[0])
        for plan in plans:
            feed = await submit(self._context, OWNER, plan)
            record.jobs = (*record.jobs, feed.job.id)

    async def _analyse(self, source: SourceAudio) -> dict[str, object]:
        feed = await submit(self._context, OWNER, plan_analysis(source))
        try:
            end = await wait_for_end(feed)
        except asyncio.CancelledError:
            self._context.services.desk.cancel(feed.job.id)
            raise
        if isinstance(end, Failed):
            raise RequestError(ErrorCode(end.code), end.sentence, end.remedy)
        return end.report if isinstance(end, Done) else {}


async def measure(context: CompatContext, sha256: str) -> SourceAudio:
    """Audio that was stored, with its length at the rate of timelines. Raises RequestError (`input_unusable`)."""
    probed = await requests.probe_audio(context.services, Probe(request=REQUEST_ID, sha256=sha256))
    frames = round(probed.frames * SAMPLE_RATE / probed.sample_rate)
    if frames < 1:
        raise RequestError(ErrorCode.INPUT_UNUSABLE, "The recording contains no audio.")
    return SourceAudio(sha256, frames)


def _metas_of(song: Song, plan: Submit) -> dict[str, object]:
    """In upstream's words; what nobody knows is left out."""
    first = plan.timeline.tempo[0]
    known = {
        "bpm": round(song.bpm or first.bpm, 2),
        "duration": round(plan.timeline.seconds, 3),
        "keyscale": song.key,
        "timesignature": metre_text((first.numerator, first.denominator)),
    }
    return {name: value for name, value in known.items() if value is not None}
