"""An answer as server-sent events: dots and progress while the music is made, then words and audio."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.types import Receive, Scope, Send

from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.chat.answers import DONE, Completion
from bandmate_server.compat.chat.content import describe_music
from bandmate_server.compat.chat.making import Making
from bandmate_server.faults import as_sendable_error
from bandmate_server.rest.event_stream import EventStream
from bandmate_server.web.problem import status_of

HEARTBEAT_SECONDS = 2.0
"""As upstream: a dot is sent after so long without anything else."""
_WAITING_CHUNKS = 16
_GREETING = "Generating music"


class ChatEvents:
    """The chunks of one answer, as many as the client takes."""

    def __init__(self, making: Making, completion: Completion) -> None:
        self.events: asyncio.Queue[bytes] = asyncio.Queue(_WAITING_CHUNKS)
        self._making = making
        self._completion = completion

    async def run(self) -> None:
        """Sends everything."""
        completion = self._completion
        try:
            await self.events.put(completion.chunk(role="assistant", content=_GREETING))
            beats = asyncio.create_task(self._send_dots(), name="dots")
            try:
                music, audio = await self._making.finish(self._say_progress)
            finally:
                beats.cancel()
            await self.events.put(completion.chunk(content=f"\n\n{describe_music(music)}"))
            await self.events.put(completion.chunk(audio=[each.part() for each in audio]))
            await self.events.put(completion.end())
            if self._making.order.wants_usage:
                await self.events.put(completion.usage())
        except Exception as error:
            reason = as_sendable_error(error)
            await self.events.put(completion.failure(reason, status_of(reason)))
            if reason is not error:
                raise
        await self.events.put(DONE)

    async def _say_progress(self, news: Mapping[str, Any]) -> None:
        # A client that reads slowly misses some of it, and holds nobody up.
        if not self.events.full():
            self.events.put_nowait(self._completion.chunk(progress=news))

    async def _send_dots(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if not self.events.full():
                self.events.put_nowait(self._completion.chunk(content="."))


class StreamAnswer(EventStream):
    """The answer; the jobs behind it end with it."""

    def __init__(self, context: CompatContext, making: Making, completion: Completion) -> None:
        """Raises RequestError (`quota_exceeded`) when there are too many."""
        events = ChatEvents(making, completion)
        super().__init__(context.limits, events, events.run)
        self._jobs = making.jobs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        with self._jobs:
            await super().__call__(scope, receive, send)
