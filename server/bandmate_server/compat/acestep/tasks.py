"""`/release_task`, `/query_result` and `/cancel_task`."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.compat.acestep.body import REFERENCE_FILES, SOURCE_FILES, Body, read_request
from bandmate_server.compat.acestep.envelope import answer
from bandmate_server.compat.acestep.owner import OWNER
from bandmate_server.compat.acestep.preparing import Preparer
from bandmate_server.compat.acestep.results import Address, JobState, describe_task, unknown_task
from bandmate_server.compat.acestep.task_store import TaskRecord, TaskStore
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.songs.music_request import MusicRequest, read_music_request
from bandmate_server.compat.songs.planning import SourceAudio
from bandmate_server.compat.songs.preparation import measure
from bandmate_server.compat.songs.values import as_text
from bandmate_server.compat.sources import store_audio, store_named_audio
from bandmate_server.rest.jobs import end_of
from bandmate_server.rest.reading import BadBodyError

MOST_IDS = 1_000
"""Of one query."""


class TaskRoutes:
    """Takes tasks in, and says how they are."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context
        self._tasks = TaskStore(context.services.settings.data / "acestep_tasks")
        self._preparer = Preparer(context, self._tasks)

    async def release(self, request: Request) -> Response:
        """Takes a task in; its words are checked at once, and its audio is stored."""
        async with read_request(
            request, self._context.access, self._context.services.uploads.most_bytes
        ) as body:
            asked = read_music_request(dict(body.values))
            source, reference = await self._read_audio(body, asked)
        record = self._preparer.start(asked, source, reference)
        ahead = self._context.services.store.count_active(OWNER) + self._tasks.waiting_count
        return answer({"task_id": record.id, "status": "queued", "queue_position": max(ahead, 1)})

    async def query(self, request: Request) -> Response:
        """How some tasks are."""
        async with read_request(request, self._context.access, 0) as body:
            ids = _read_ids(body)
        address = Address(f"http://{request.headers['host']}", self._context.access.token)
        return answer([self._describe(task_id, address) for task_id in ids])

    async def cancel(self, request: Request) -> Response:
        """Ends some tasks; upstream has nothing like it. The answer is that of a query."""
        async with read_request(request, self._context.access, 0) as body:
            ids = _read_ids(body)
        for task_id in ids:
            record = self._tasks.find(task_id)
            if record is not None:
                self._preparer.cancel(record)
        address = Address(f"http://{request.headers['host']}", self._context.access.token)
        return answer([self._describe(task_id, address) for task_id in ids])

    def _describe(self, task_id: str, address: Address) -> dict[str, Any]:
        record = self._tasks.find(task_id)
        if record is None:
            return unknown_task(task_id)
        try:
            return describe_task(record, [self._state_of(job) for job in record.jobs], address)
        except BandmateError as error:
            # A job was dropped from the library.
            return describe_task(_without_jobs(record, str(error)), [], address)

    def _state_of(self, job: str) -> JobState:
        services = self._context.services
        feed = services.desk.events_of(job)
        return JobState(feed.job, feed.progress, end_of(feed.job), services.store.stems_of(job))

    async def _read_audio(
        self, body: Body, asked: MusicRequest
    ) -> tuple[SourceAudio | None, SourceAudio | None]:
        source = await self._read_one(body, SOURCE_FILES, asked.fields.text("src_audio_path"))
        reference = await self._read_one(body, REFERENCE_FILES, asked.fields.text("reference_audio_path"))
        if asked.needs_source and source is None:
            # Some clients name the music that they have covered as the reference.
            source, reference = reference, None
        if asked.needs_source and source is None:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("`{task}` works on a recording, and there is none.", task=asked.task),
                "Send it as the file `src_audio`, or name it in `src_audio_path`.",
            )
        return source, reference

    async def _read_one(self, body: Body, names: tuple[str, ...], path: str) -> SourceAudio | None:
        file: UploadFile | None = body.file(names)
        services = self._context.services
        if file is not None:
            sha256 = await store_audio(services, file.file)
        elif path.strip():
            sha256 = await store_named_audio(services, self._context.access, path.strip())
        else:
            return None
        return await measure(self._context, sha256)


def _read_ids(body: Body) -> list[str]:
    """`task_id_list` as a list or as JSON text; also `task_id`, and a bare id. Raises BadBodyError (400, 413)."""
    found = body.values.get("task_id_list", body.values.get("task_id"))
    if isinstance(found, str):
        try:
            found = msgspec.json.decode(found)
        except (msgspec.DecodeError, RecursionError):
            found = [found]
    if isinstance(found, str | int | float):
        found = [found]
    if not isinstance(found, list):
        raise BadBodyError(
            400, "`task_id_list` is missing.", "Send a list of the ids that `/release_task` gave."
        )
    if len(found) > MOST_IDS:
        raise BadBodyError(413, say("A query names at most {most} tasks.", most=MOST_IDS))
    return [as_text(each)[:64] for each in found]


def _without_jobs(record: TaskRecord, error: str) -> TaskRecord:
    return msgspec.structs.replace(record, jobs=(), error=error)
