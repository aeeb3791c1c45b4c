"""HTTP for clients that come to the point: a connection without a whole request is closed after a while."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bandmate_server.web.joined_writes import JoinedWrites
from bandmate_server.web.request_parser import RequestParser, head_without_offer

HEAD_SECONDS = 10.0
"""How long a client may take for a request line and headers."""
MAX_HEAD_BYTES = 64 << 10
"""What the address and the headers of a request may have together, and any line that has no end yet."""

_TOO_LARGE = f"The request line and headers have more than {MAX_HEAD_BYTES} bytes."


class TimedProtocol(HttpToolsProtocol):
    """uvicorn's own, which waits for the first request and the rest of any for ever, and takes heads of any size."""

    _waits_since: float | None = None
    """On the loop's clock; None while the client waits for the server."""
    _timer: asyncio.TimerHandle | None = None
    """It is left to run from one request to the next: a timer for each would cost as much as reading the request."""
    _head_bytes = 0
    """Of the request that is being read."""
    _unreported_bytes = 0
    """What came since the parser last told of anything: it keeps a line until the line is whole."""

    _plain_head: bytes | None = None
    """Of a request that offers another protocol than WebSockets: what is read instead."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.parser = RequestParser(self, self._take_plain_head)
        # As uvicorn has it: the first of several requests is answered whatever follows.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

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
        self._unreported_bytes += len(data)
        super().data_received(data)
        if self._unreported_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(_TOO_LARGE)
        self._update_deadline()

    def on_message_begin(self) -> None:
        """See HttpToolsProtocol."""
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """See HttpToolsProtocol. The address comes in pieces, as it is received."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """See HttpToolsProtocol. Trailers come here too, after the body."""
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """See HttpToolsProtocol. The answer to this request begins after it."""
        method = self.parser.get_method()
        if self.parser.should_upgrade() and method != b"CONNECT" and not self._should_upgrade():
            version = self.parser.get_http_version()
            self._plain_head = head_without_offer(method, self.url, version, self.headers)
            return
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:
            self.cycle.transport = JoinedWrites(self.transport, self.loop)

    def on_body(self, body: bytes) -> None:
        """See HttpToolsProtocol."""
        self._unreported_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """See HttpToolsProtocol."""
        self._unreported_bytes = 0
        if self._plain_head is None:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """See HttpToolsProtocol."""
        super().on_response_complete()
        self._update_deadline()

    def handle_websocket_upgrade(self) -> None:
        """See HttpToolsProtocol. What comes from here on is the session's to wait for."""
        self._clear_deadline()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """See HttpToolsProtocol, which has one sentence for all faults."""
        super().send_400_response(_TOO_LARGE if self._head_bytes > MAX_HEAD_BYTES else msg)

    def _take_plain_head(self) -> bytes | None:
        head, self._plain_head = self._plain_head, None
        return head

    def _count_head(self, size: int) -> None:
        """Raises ValueError, which is a fault of the request to the parser."""
        self._unreported_bytes = 0
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            raise ValueError(_TOO_LARGE)

    def _update_deadline(self) -> None:
        """Counts from when it came to be the client's turn, and not from each byte that comes."""
        if self.transport.get_protocol() is not self or not self._waits_for_client():
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = self.loop.time()
            if self._timer is None:
                self._timer = self.loop.call_later(HEAD_SECONDS, self._check_deadline)

    def _check_deadline(self) -> None:
        self._timer = None
        if self._waits_since is None:
            return
        left = self._waits_since + HEAD_SECONDS - self.loop.time()
        if left <= 0:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(left, self._check_deadline)

    def _waits_for_client(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _clear_deadline(self) -> None:
        self._waits_since = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
