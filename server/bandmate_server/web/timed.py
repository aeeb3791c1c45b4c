"""HTTP for clients that come to the point: a connection without a whole request is closed after a while."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""How long a client may take for a request line and headers."""


class TimedProtocol(H11Protocol):
    """uvicorn's own, which waits for the first request for ever, and for the rest of any."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._update_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._clear_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        super().data_received(data)
        self._update_deadline()

    def on_response_complete(self) -> None:
        """See H11Protocol."""
        super().on_response_complete()
        self._update_deadline()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """See H11Protocol. What comes from here on is the session's to wait for."""
        self._clear_deadline()
        super().handle_websocket_upgrade(event)

    def _update_deadline(self) -> None:
        """Sets the deadline while it is the client's turn, and not again for each byte that comes."""
        if self.transport.get_protocol() is not self or not self._waits_for_client():
            self._clear_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _waits_for_client(self) -> bool:
        answered = self.conn.our_state in (h11.DONE, h11.MUST_CLOSE)
        return self.conn.their_state is h11.IDLE or (self.conn.their_state is h11.SEND_BODY and answered)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
