"""A browser's side of the console's HTTP, with what its page would send."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bandmate_protocol.codec import SERVER_FRAMES, encode_message
from bandmate_protocol.messages import Hello, Welcome
from tests.running import RunningServer

Answer = tuple[int, dict[str, str], bytes]


def request(
    server: RunningServer, method: str, path: str, headers: dict[str, str] | None = None, body: str = ""
) -> Answer:
    """Status, headers by their lower-case names, body."""
    headers = headers or {}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, body.encode(), headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def make_code(server: RunningServer) -> str:
    """A one-time code, as `bandmate console` asks for it."""
    status, _, body = request(server, "POST", "/console/code", {"Authorization": f"Bearer {server.token}"})
    assert status == 200, body
    return json.loads(body)["code"]


class Browser:
    """The two secrets of a sign-in, and where they are sent."""

    def __init__(self, server: RunningServer, cookie: str = "", key: str = "") -> None:
        self.server, self.cookie, self.key = server, cookie, key

    @classmethod
    def signed_in(cls, server: RunningServer, code: str = "") -> Self:
        browser = cls(server)
        status, headers, body = browser.exchange(code or make_code(server))
        assert status == 200, body
        browser.cookie = headers["set-cookie"].partition(";")[0]
        browser.key = json.loads(body)["key"]
        return browser

    @property
    def origin(self) -> str:
        return f"http://{self.server.address}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-Bandmate-Key": self.key}

    def exchange(self, code: str) -> Answer:
        return request(
            self.server, "POST", "/console/sign-in", {"Origin": self.origin}, json.dumps({"code": code})
        )

    def get(self, path: str) -> Answer:
        return request(self.server, "GET", path, self.headers)

    def post(self, path: str, value: Any = None) -> Answer:
        return request(self.server, "POST", path, self.headers | {"Origin": self.origin}, json.dumps(value))

    @contextmanager
    def socket(self, origin: str | None = "own") -> Iterator[ClientConnection]:
        """A WebSocket, as the page opens it."""
        headers = {"Cookie": self.cookie}
        if origin is not None:
            headers["Origin"] = self.origin if origin == "own" else origin
        with connect(
            f"ws://{self.server.address}/ws",
            subprotocols=["bandmate.v1", f"bandmate.key.{self.key}"],
            additional_headers=headers,
            proxy=None,
        ) as socket:
            yield socket

    @contextmanager
    def greeted(self) -> Iterator[ClientConnection]:
        """A WebSocket that has said hello and was welcomed."""
        hello = Hello(
            protocol_min=1,
            protocol_max=1,
            role="console",
            client_name="x",
            client_version="1",
            credit_bytes=0,
        )
        with self.socket() as socket:
            socket.send(encode_message(hello))
            assert isinstance(SERVER_FRAMES.decode(socket.recv(60)), Welcome)
            yield socket

    def upgrade(self, origin: str | None = "own") -> int:
        """The status of a WebSocket's upgrade."""
        try:
            with self.socket(origin):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code
