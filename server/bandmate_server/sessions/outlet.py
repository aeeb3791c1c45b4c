"""The way out of a connection: control frames at once, audio under the client's credit."""

from __future__ import annotations

import asyncio
from typing import Protocol

import msgspec
from starlette.websockets import WebSocket, WebSocketState

from bandmate_protocol.messages import Audio, ServerMessage
from bandmate_protocol.session import ServerSession
from bandmate_server.metrics import Metrics


class MessageOutlet(Protocol):
    """Where the messages of a stream go. What it raises ends the stream."""

    async def send(self, message: ServerMessage) -> None:
        """Sends a control message."""
        ...

    async def send_encoded(self, message: ServerMessage, frame: bytes) -> None:
        """Sends a control message that was decoded from ``frame``."""
        ...

    async def send_audio(self, message: Audio, frame_bytes: int) -> None:
        """Sends a piece of audio."""
        ...


class SessionWriter:
    """Writes what the session has to send, one writer at a time.

    A piece of audio is encoded only when its turn has come, so memory stays flat however slow the peer is.
    """

    def __init__(self, session: ServerSession, socket: WebSocket, metrics: Metrics) -> None:
        self._session = session
        self._socket = socket
        self._metrics = metrics
        self._turn = asyncio.Lock()
        self._granted = asyncio.Event()

    async def send(self, message: ServerMessage) -> None:
        """Sends a control message."""
        self._session.send(message)
        await self.flush()

    async def send_encoded(self, message: ServerMessage, frame: bytes) -> None:
        """Sends a control message that was decoded from ``frame``, without encoding it again."""
        self._session.send_encoded(message, frame)
        await self.flush()

    async def flush(self) -> None:
        """Sends what waits in the session."""
        async with self._turn:
            await self._write_frames()

    async def send_audio(self, message: Audio, frame_bytes: int) -> None:
        """Sends a piece of audio as the client's credit allows: whole, or a few whole frames at a time."""
        offset, left = message.offset, memoryview(message.data)
        while left:
            size = min(self._session.credit // frame_bytes * frame_bytes, len(left))
            if size == 0:
                self._granted.clear()
                await self._granted.wait()
                continue
            piece = message
            if size < len(message.data):
                piece = msgspec.structs.replace(message, offset=offset, data=bytes(left[:size]))
            self._session.send_audio(piece)
            self._metrics.sent_bytes += size
            offset, left = offset + size // frame_bytes, left[size:]
            await self.flush()

    def wake_senders(self) -> None:
        """The client has given credit: wakes who waits for it."""
        self._granted.set()

    async def _write_frames(self) -> None:
        for frame in self._session.to_send():
            if self._socket.application_state is not WebSocketState.CONNECTED:
                raise ConnectionError("the connection was closed")
            await self._socket.send_bytes(frame)
