"""A surface for tests: it sends by python-osc from one port and hears on another one."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable

from pythonosc.osc_message import OscMessage
from pythonosc.udp_client import SimpleUDPClient

from tests.patience import PATIENCE_SECONDS

V1 = "/bandmate/v1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Surface:
    """A python-osc sender, and a socket of another port that takes the feedback."""

    def __init__(self, port: int) -> None:
        self.client = SimpleUDPClient("127.0.0.1", port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.seen: list[tuple[str, object]] = []

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def send(self, path: str, *arguments: object) -> None:
        self.client.send_message(f"{V1}/{path}", list(arguments))

    def hear(self) -> None:
        with contextlib.suppress(TimeoutError):
            data = self.socket.recv(65_536)
            message = OscMessage(data)
            path = message.address.removeprefix(f"{V1}/")
            self.seen.append((path, message.params[0] if message.params else None))

    def until(self, found: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not found():
            assert time.monotonic() < deadline, self.seen[-40:]
            self.hear()

    def last(self, path: str) -> object:
        return next((value for known, value in reversed(self.seen) if known == path), None)

    def every(self, path: str) -> list[object]:
        return [value for known, value in self.seen if known == path]

    def subscribe(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.last("slot/64/armed/str") is None:
            assert time.monotonic() < deadline, self.seen[-40:]
            self.send("subscribe", self.port, "tablet")
            with contextlib.suppress(AssertionError):  # a datagram may be lost: ask again
                self.until(lambda: self.last("slot/64/armed/str") is not None, 2)

    def close(self) -> None:
        self.socket.close()
        self.client._sock.close()
