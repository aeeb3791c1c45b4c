"""Messages as server-sent events (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bandmate_protocol.messages import (
    Audio,
    Cancelled,
    Done,
    Failed,
    Notes,
    ServerMessage,
    Stem,
    StemEnd,
    type_of,
)
from bandmate_server.rest.answers import json_fields
from bandmate_server.rest.limits import RestLimits
from bandmate_server.rest.operation import EVENT_STREAM

_log = logging.getLogger(__name__)

KEEPALIVE_SECONDS = 15.0
"""A comment is sent after so long without an event, for proxies that close silent connections."""
_WAITING_EVENTS = 16
"""A client that reads slowly holds its stream up here, and nobody else."""


class EventSource(Protocol):
    """Where an `EventStream` gets its events."""

    @property
    def events(self) -> asyncio.Queue[bytes]:
        """Each as it is sent."""
        ...


class EventOutlet:
    """Turns messages into events, as many as the client takes."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[bytes] = asyncio.Queue(_WAITING_EVENTS)

    async def send(self, message: ServerMessage) -> None:
        """Sends a message, unless the client has it."""
        event_id = self.id_of(message)
        if event_id is not None:
            await self.events.put(_event_bytes(message, event_id))

    async def send_encoded(self, message: ServerMessage, frame: bytes) -> None:  # noqa: ARG002 - JSON is sent
        """As `send`."""
        await self.send(message)

    async def send_audio(self, message: Audio, frame_bytes: int) -> None:  # noqa: ARG002 - never called
        """Audio has addresses of its own."""
        raise AssertionError("a stream without audio")

    def id_of(self, message: ServerMessage) -> str | None:  # noqa: ARG002 - most have none
        """The event's id; empty for one that is not repeated after a break. None leaves the event out."""
        return ""


class JobEventOutlet(EventOutlet):
    """Numbers the lasting events of each attempt, and leaves out those that the client has.

    The journal has them in the same order whenever it is read.
    """

    def __init__(self, last_id: str) -> None:
        super().__init__()
        attempt, _, number = last_id.partition("-")
        is_id = attempt.isdecimal() and number.isdecimal() and len(last_id) <= 20
        self._held = (int(attempt), int(number)) if is_id else (-1, 0)
        self._attempt, self._number = -1, 0

    def id_of(self, message: ServerMessage) -> str | None:
        """See EventOutlet."""
        if isinstance(message, Done | Failed | Cancelled):
            return end_id(message.attempt)
        if not isinstance(message, Stem | StemEnd | Notes):
            return ""
        if message.attempt != self._attempt:
            self._attempt, self._number = message.attempt, 0
        self._number += 1
        held_attempt, held_number = self._held
        if message.attempt == held_attempt and self._number <= held_number:
            return None
        return f"{self._attempt}-{self._number}"


def end_id(attempt: int) -> str:
    """The id of the last event of a job."""
    return f"{attempt}-end"


class EventStream(Response):
    """The answer: events until the work is done or the client leaves."""

    media_type = EVENT_STREAM

    def __init__(
        self, limits: RestLimits, outlet: EventSource, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Raises RequestError (`quota_exceeded`)."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        limits.take("event streams")
        self._limits = limits
        self._outlet = outlet
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if scope["method"] != "HEAD":
                await self._send_events(receive, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._limits.release("event streams")

    async def _send_events(self, receive: Receive, send: Send) -> None:
        work = asyncio.create_task(self._work(), name="events")
        gone = asyncio.create_task(wait_until_gone(receive), name="client leaves")
        waiting: asyncio.Task[bytes] | None = None
        try:
            while not gone.done():
                waiting = waiting or asyncio.create_task(self._outlet.events.get(), name="next event")
                tasks = {waiting, gone, work} if not work.done() else {waiting, gone}
                if work.done() and self._outlet.events.empty() and not waiting.done():
                    break
                await asyncio.wait(tasks, timeout=KEEPALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if waiting.done():
                    await _send_piece(send, waiting.result())
                    waiting = None
                elif not work.done():
                    await _send_piece(send, b":\n\n")
        finally:
            for task in filter(None, (work, gone, waiting)):
                task.cancel()
            results = await asyncio.gather(work, gone, return_exceptions=True)
            if isinstance(results[0], Exception):
                _log.error("an event stream ended early", exc_info=results[0])


async def wait_until_gone(receive: Receive) -> None:
    """Returns when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_piece(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


def _event_bytes(message: ServerMessage, event_id: str) -> bytes:
    data = msgspec.json.encode(json_fields(message))
    number = b"id: " + event_id.encode() + b"\n" if event_id else b""
    return b"event: " + type_of(type(message)).encode() + b"\n" + number + b"data: " + data + b"\n\n"
