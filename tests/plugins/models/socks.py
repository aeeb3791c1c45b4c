"""A SOCKS proxy (version 5, RFC 1928) for tests: it connects to whatever it is asked for."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import threading
from types import TracebackType
from typing import Self


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire: socket.socket = self.request
        _, count = wire.recv(2)
        wire.recv(count)
        wire.sendall(b"\x05\x00")
        _, _, _, kind = wire.recv(4)
        host = socket.inet_ntoa(wire.recv(4)) if kind == 1 else wire.recv(wire.recv(1)[0]).decode()
        port = int.from_bytes(wire.recv(2), "big")
        with socket.create_connection((host, port)) as other:
            wire.sendall(b"\x05\x00\x00\x01" + bytes(6))
            self.server.asked.append((host, port))  # type: ignore[attr-defined]
            with contextlib.suppress(OSError):
                _relay(wire, other)


def _relay(one: socket.socket, two: socket.socket) -> None:
    while True:
        for ready in select.select([one, two], [], [])[0]:
            data = ready.recv(65_536)
            if not data:
                return
            (two if ready is one else one).sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class SocksProxy:
    """Runs for as long as the context lasts."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.asked = []  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self) -> list[tuple[str, int]]:
        """The hosts and ports that it connected to."""
        return self._server.asked  # type: ignore[attr-defined, no-any-return]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
