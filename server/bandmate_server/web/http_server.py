"""The HTTP server under every port: uvicorn, as Bandmate sets it up."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from bandmate_protocol.codec import MAX_FRAME_BYTES
from bandmate_server.web.timed import TimedProtocol

_ACCEPT_BACKLOG = 128
"""Connections that wait to be accepted. Without handles, asyncio tries in vain as often a second."""


class MainServer(uvicorn.Server):
    """uvicorn without its signal handling: it would end the process before the parts are stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT, SIGTERM and a closed terminal (Ctrl-Break too on Windows) end the server in order."""
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        # Under nohup it goes on without the terminal.
        known = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self.handle_exit) for number in known}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class SideServer(uvicorn.Server):
    """A further port of the same process, which ends when the main one tells it to."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals to the main server."""
        yield


async def serve_until_stopped(
    server: uvicorn.Server, listener: socket.socket, ready: Callable[[], None]
) -> None:
    """Serves until SIGINT, SIGTERM or `should_exit`."""
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has only this flag
        await asyncio.sleep(0.002)
    if server.started:
        ready()
    await serving


def http_config(app: ASGIApp, lifespan: Literal["on", "off"] = "off") -> uvicorn.Config:
    """What every port has in common; `lifespan` is "on" for an application that starts parts of its own."""
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=MAX_FRAME_BYTES,
        lifespan=lifespan,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
        http=TimedProtocol,
        # There is no proxy before this port: nobody is whom `X-Forwarded-For` names.
        proxy_headers=False,
        backlog=_ACCEPT_BACKLOG,
    )
