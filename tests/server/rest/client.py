"""A client of REST for tests: one request a connection, as curl sends it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer

TIMELINE = {
    "sample_rate": 48_000,
    "start_frame": 0,
    "end_frame": 96_000,
    "tempo": [{"position": 0.0, "bpm": 120.0}],
}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class RestClient:
    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.headers = {"Authorization": f"Bearer {server.token}"}

    @contextmanager
    def opened(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: Any
    ):
        """The connection's answer, not read yet."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_SECONDS)
        address = f"/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            connection.request(method, quote(address, "/?&=%:+"), data, {**self.headers, **(headers or {})})
            yield connection.getresponse()
        finally:
            connection.close()

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: Any
    ):
        with self.opened(method, path, body, headers, **query) as answer:
            return Answer(
                answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
            )

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self.expect(status, "GET", path, **query)

    def expect(self, status: int, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of an answer that has to have this status."""
        answer = self(method, path, body, **query)
        assert answer.status == status, answer.data
        return answer.json

    def submit(self, task: str = "noise", params: dict[str, Any] | None = None, **more: Any) -> str:
        body = {"task": task, "params": params or {}, "timeline": TIMELINE, **more}
        return self.expect(201, "POST", "/jobs", body)["job"]

    def ended(self, job: str) -> Any:
        """The job once it has ended."""
        return self.when(job, lambda found: "end" in found)

    def when(self, job: str, is_there: Any) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = self.get(f"/jobs/{job}")
            if is_there(found):
                return found
            assert time.monotonic() < until, found
            time.sleep(0.02)


@dataclass
class Event:
    name: str
    id: str
    data: Any


def read_events(answer: http.client.HTTPResponse) -> Iterator[Event]:
    """The events of a stream, as EventSource parses them."""
    fields: dict[str, str] = {}
    for raw in answer:
        line = raw.decode().rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            if "data" in fields:
                yield Event(fields.get("event", ""), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}
