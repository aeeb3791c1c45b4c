"""The head of an answer and the first piece of its body in one segment, where both are there at once."""

from __future__ import annotations

import asyncio


class JoinedWrites(asyncio.Transport):
    """What one answer is written to. Each write of its own would wake the client, and costs as much as half the rest.

    The first write is held back until the next one, or until the event loop has nothing else to do.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held: bytes | None = None
        self._is_first = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See asyncio.WriteTransport."""
        if self._is_first:
            self._is_first = False
            self._held = bytes(data)
            self._loop.call_soon(self._write_held)
        elif self._held is not None:
            held, self._held = self._held, None
            self._transport.write(held + data)
        else:
            self._transport.write(data)

    def is_closing(self) -> bool:
        """See asyncio.BaseTransport."""
        return self._transport.is_closing()

    def close(self) -> None:
        """See asyncio.BaseTransport."""
        self._write_held()
        self._transport.close()

    def _write_held(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._transport.write(held)
