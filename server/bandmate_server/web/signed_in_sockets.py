"""Sockets of signed-in pages. A sign-out closes those that are open, whoever signs out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from starlette.websockets import WebSocket

from bandmate_server.web.guard import SIGN_IN_SCOPE
from bandmate_server.web.sign_in import SignIns

_POLICY_CLOSE = 1008


class SignedInSockets:
    """Which sockets each sign-in has opened."""

    def __init__(self, sign_ins: SignIns) -> None:
        self._sign_ins = sign_ins
        self._open: dict[WebSocket, str] = {}
        self._closing: set[asyncio.Task[None]] = set()
        sign_ins.on_end(self._close_ended)

    @contextlib.contextmanager
    def following(self, socket: WebSocket) -> Iterator[None]:
        """While this lasts, the end of the socket's sign-in closes it. One that showed the token stays open."""
        name = socket.scope.get(SIGN_IN_SCOPE)
        if name is None:
            yield
            return
        self._open[socket] = name
        timer = self._watch_age(socket, name)
        try:
            yield
        finally:
            timer.cancel()
            del self._open[socket]

    def _watch_age(self, socket: WebSocket, name: str) -> asyncio.Task[None]:
        return asyncio.create_task(self._close_when_old(socket, name), name="sign-in's end")

    async def _close_when_old(self, socket: WebSocket, name: str) -> None:
        await asyncio.sleep(self._sign_ins.seconds_left(name))
        await _close_socket(socket)

    def _close_ended(self, names: frozenset[str]) -> None:
        for socket, name in self._open.items():
            if name in names:
                task = asyncio.create_task(_close_socket(socket), name="signed out")
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)


async def _close_socket(socket: WebSocket) -> None:
    # The client may have left in this very moment.
    with contextlib.suppress(RuntimeError, ConnectionError):
        await socket.close(_POLICY_CLOSE, "signed out")
