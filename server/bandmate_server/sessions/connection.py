"""The driver of one session: a WebSocket on one side, the server's parts on the other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bandmate_protocol.codec import MAX_FRAME_BYTES
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import (
    Annotate,
    Attach,
    Cancel,
    ClearSlot,
    Context,
    Describe,
    DropJobs,
    Error,
    Have,
    HeldStem,
    Hello,
    Invoke,
    Invoked,
    Limits,
    ListJobs,
    ListSlots,
    Pin,
    Probe,
    Redo,
    RestoreJobs,
    ServerMessage,
    StoreSlot,
    Submit,
    Suggest,
    Upload,
    WatchJobs,
    WatchProjects,
)
from bandmate_protocol.session import RemoteFault, ServerSession
from bandmate_protocol.texts import fault_fields, say
from bandmate_protocol.version import __version__
from bandmate_server.faults import as_sendable_error
from bandmate_server.jobs.events import JobEvents
from bandmate_server.services import Services
from bandmate_server.sessions import house_requests, job_lists, requests
from bandmate_server.sessions.job_watch import watch_jobs
from bandmate_server.sessions.outlet import SessionWriter
from bandmate_server.sessions.project_watch import ProjectWatch
from bandmate_server.sessions.stream import JobStream

_log = logging.getLogger(__name__)

HELLO_SECONDS = 5.0
"""How long a client may take for its `hello`."""

_MAX_CONCURRENT_REQUESTS = 8
"""Requests of one client that are answered beside others."""

_MAX_QUESTIONS = 4
"""Questions of one client that may wait for a worker: they take no place of the requests above."""


class ClientConnection:
    """Serves one client until it leaves. Its jobs go on without it."""

    def __init__(self, socket: WebSocket, services: Services) -> None:
        self._socket = socket
        self._services = services
        settings = services.settings
        self._session = ServerSession(
            server_version=__version__,
            limits=Limits(
                frame_bytes=MAX_FRAME_BYTES,
                upload_bytes=int(settings.upload_gb * 1e9),
                range_seconds=settings.range_seconds,
                jobs=settings.jobs_per_client,
            ),
            knows_key=services.store.knows_owner,
            new_key=lambda: secrets.token_hex(16),
            notices=services.notices.take_for_role,
        )
        self._outlet = SessionWriter(self._session, socket, services.metrics)
        self._streams: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_MAX_CONCURRENT_REQUESTS)
        self._posts: set[asyncio.Task[None]] = set()
        self._questions: set[asyncio.Task[None]] = set()
        self._watch: ProjectWatch | None = None
        self._job_watch: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Reads until the client leaves or breaks the protocol past repair."""
        try:
            try:
                async with asyncio.timeout(HELLO_SECONDS):
                    frame = await self._receive_frame()
            except TimeoutError:
                await self._socket.close(1008, f"no hello within {HELLO_SECONDS:.0f} s")
                return
            while await self._handle_frame(frame):
                frame = await self._receive_frame()
        except (WebSocketDisconnect, ConnectionError):
            return
        finally:
            await self._drop_connection()

    async def _handle_frame(self, frame: bytes) -> bool:
        """Deals with a frame; false when the session has ended with it."""
        self._services.focus.note_frame(self)
        for event in self._session.receive(frame):
            await self._handle_event(event)
        self._outlet.wake_senders()
        await self._outlet.flush()
        if self._session.state == "closed":
            await self._socket.close(1002)
            return False
        return True

    async def _receive_frame(self) -> bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        data: bytes | None = message.get("bytes")
        # A text frame is no message; the session answers it as it does any other garbage.
        return data if data is not None else b""

    async def _handle_event(self, event: object) -> None:
        if isinstance(event, RemoteFault):
            _log.info("client fault: %s", event.sentence)
            return
        if isinstance(event, Hello):
            _log.info("%s %s connected as %s", event.client_name, event.client_version, event.role)
            self._services.desk.warm_executor()
            return
        try:
            await self._answer_request(event)
        except (WebSocketDisconnect, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - one request's fault must not end the others
            await self._refuse_request(event, error)

    async def _answer_request(self, event: object) -> None:
        """Jobs first, then what is asked and answered at once."""
        services = self._services
        owner = self._session.resume_key
        match event:
            case Submit():
                await self._start_stream(*await requests.submit_job(services, owner, event))
            case Redo():
                await self._start_stream(*await requests.redo_job(services, owner, event))
            case Attach():
                await self._start_stream(
                    *requests.attach_job(services, event),
                    held=event.held,
                    without_audio=event.without_audio,
                )
            case Cancel():
                services.desk.cancel(event.job)
            case _ if isinstance(event, house_requests.HouseRequest):
                await self._answer_concurrently(event, house_requests.answer(services, event))
            case _:
                await self._answer_query(event)

    async def _answer_query(self, event: object) -> None:
        services = self._services
        match event:
            case Describe():
                await self._outlet.send(await services.catalogue.catalogue_message(event.request))
            case Have():
                await self._answer_concurrently(event, requests.find_missing(services, event))
            case Upload():
                if await services.uploads.accept_piece(event):
                    await self._answer_concurrently(event, requests.finish_upload(services, event.sha256))
            case Suggest():
                self._answer_question(event)
            case Probe():
                await self._answer_concurrently(event, requests.probe_audio(services, event))
            case Pin():
                await self._answer_concurrently(event, requests.pin_audio(services, event))
            case ListSlots() | StoreSlot() | ClearSlot():
                await self._outlet.send(await requests.change_slots(services, event))
            case _:
                await self._answer_library(event)

    async def _answer_library(self, event: object) -> None:
        services = self._services
        match event:
            case ListJobs():
                await self._outlet.send(job_lists.list_jobs(services, event))
            case Annotate():
                await self._outlet.send(job_lists.annotate_job(services, event))
            case DropJobs():
                await self._outlet.send(await job_lists.drop_jobs(services, event))
            case RestoreJobs():
                await self._outlet.send(job_lists.restore_jobs(services, event))
            case WatchJobs():
                self._watch_jobs(event)
            case _:
                self._handle_focus(event)

    def _handle_focus(self, event: object) -> None:
        focus = self._services.focus
        match event:
            case Context():
                focus.update_context(self, self._post_message, event)
            case WatchProjects():
                self._watch_projects(event)
            case Invoke():
                focus.pass_invoke(self, self._post_message, event)
            case Invoked():
                focus.pass_answer(self, event)
            case _:
                # Pong and Error need no answer.
                pass

    def _watch_jobs(self, event: WatchJobs) -> None:
        """A connection has one watch, the latest that it asked for."""
        if self._job_watch is not None:
            self._job_watch.cancel()
        work = watch_jobs(self._services.store.news, event.request, self._outlet)
        self._job_watch = self._spawn_task(work, "watch jobs")

    def _watch_projects(self, event: WatchProjects) -> None:
        """A connection has one watch, the latest that it asked for."""
        if self._watch is not None:
            self._watch.close()
        self._watch = ProjectWatch(self._services.focus, event.request, self._post_message)

    async def _start_stream(
        self,
        answer: ServerMessage,
        feed: JobEvents,
        *,
        held: tuple[HeldStem, ...] = (),
        without_audio: bool = False,
    ) -> None:
        """Answers, then follows the job; a stream of the same job that ran before is replaced."""
        before = self._streams.pop(feed.job.id, None)
        if before is not None:
            before.cancel()
            await asyncio.gather(before, return_exceptions=True)
        await self._outlet.send(answer)
        services = self._services
        stream = JobStream(
            feed,
            services.desk.spool_of(feed.job),
            services.store,
            services.shelf,
            self._outlet,
            held=held,
            without_audio=without_audio,
        )
        self._streams[feed.job.id] = self._spawn_task(stream.run(), f"stream {feed.job.id}")

    def _answer_question(self, event: Suggest) -> None:
        """Answers whenever a worker is free, beside everything else. Raises RequestError (`quota_exceeded`)."""
        if len(self._questions) >= _MAX_QUESTIONS:
            raise RequestError(
                ErrorCode.QUOTA_EXCEEDED,
                say("This client already has {most} open questions.", most=_MAX_QUESTIONS),
                "Wait for an answer, or close the connection.",
            )
        work = self._answer_with(event, requests.suggest_music(self._services, event))
        task = self._spawn_task(work, "suggest")
        self._questions.add(task)
        task.add_done_callback(self._questions.discard)

    async def _answer_concurrently(self, event: object, work: Coroutine[Any, Any, ServerMessage]) -> None:
        """Answers beside the requests that come next: to read a long file takes seconds.

        A client that asks faster than it is answered, or reads, waits here.
        """
        try:
            await self._places.acquire()
        except BaseException:
            work.close()
            raise
        task = self._spawn_task(self._answer_with(event, work), type(event).__name__)
        task.add_done_callback(lambda _: self._places.release())

    async def _answer_with(self, event: object, work: Coroutine[Any, Any, ServerMessage]) -> None:
        try:
            answer = await work
        except Exception as error:  # noqa: BLE001 - as in `_handle_event`
            await self._refuse_request(event, error)
        else:
            await self._outlet.send(answer)

    async def _refuse_request(self, event: object, error: Exception) -> None:
        """Answers a request with why it cannot be done."""
        reason = as_sendable_error(error)
        if not isinstance(error, BandmateError):
            # A full disk needs no more words.
            trace = None if reason.code == ErrorCode.DISK_FULL else error
            _log.error("the request %s failed: %s", type(event).__name__, error, exc_info=trace)
        await self._outlet.send(
            Error(
                request=getattr(event, "request", None),
                code=reason.code.value,
                **fault_fields(*reason.texts, models=reason.models),
            )
        )

    def _post_message(self, message: ServerMessage) -> None:
        """Sends from where nothing can be awaited."""
        self._spawn_task(self._outlet.send(message), "post")

    def _spawn_task(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guard_task(work), name=name)
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)
        return task

    async def _guard_task(self, work: Coroutine[Any, Any, None]) -> None:
        """Nothing ends without a word: what cannot be told as a message ends the connection.

        The client then connects again, and takes up its jobs there.
        """
        try:
            await work
        except (WebSocketDisconnect, ConnectionError) as error:
            _log.debug("not sent: %s", error)
        except Exception:  # noqa: BLE001 - whatever it is, the client must not wait for ever
            _log.exception("a connection is closed, because something on it failed")
            with contextlib.suppress(Exception):
                await self._socket.close(1011)

    async def _drop_connection(self) -> None:
        if self._watch is not None:
            self._watch.close()
        self._services.focus.drop_connection(self)
        tasks = list(self._posts)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
