"""What the server reads of requests before its own code runs: heads within bounds, offers that it ignores."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from bandmate_server.web.joined_writes import JoinedWrites
from bandmate_server.web.timed import MAX_HEAD_BYTES
from tests.patience import PATIENCE_SECONDS
from tests.server.rest.client import TIMELINE

JOB = json.dumps({"task": "noise", "params": {"stems": 1}, "timeline": TIMELINE}).encode()
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"
"""As Java's client sends it with each request."""
LONG = b"a" * (MAX_HEAD_BYTES + 1)
TOO_LARGE = {
    "one long header": [b"GET /health HTTP/1.1\r\nX: " + LONG + b"\r\n\r\n"],
    "many headers": [b"GET /health HTTP/1.1\r\n" + b"X-More: and more\r\n" * 4_690 + b"\r\n"],
    "a long address": [b"GET /health?" + LONG + b" HTTP/1.1\r\n\r\n"],
}
"""Hardly larger than allowed: an answer is lost where more comes after it."""
ENDLESS = {
    "a header": (b"GET /health HTTP/1.1\r\nX: ", b"a" * 10_000),
    "a header's name": (b"GET /health HTTP/1.1\r\n", b"a" * 10_000),
    "trailers": (b"POST /health HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: more\r\n" * 2_000),
    "empty lines": (b"\r\n", b"\r\n" * 5_000),
}


def answers(server, *pieces, count=1):
    """The status and body of each answer to what is sent in these pieces over one connection."""
    found = []
    with (
        socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as client,
        client.makefile("rb") as reader,
    ):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                client.sendall(piece)
        except ConnectionError:
            pass
        for _ in range(count):
            status = int(reader.readline().split()[1])
            length = 0
            while (line := reader.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            found.append((status, reader.read(length)))
    return found


@pytest.mark.parametrize("pieces", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_head_that_is_too_large_is_refused(server, pieces):
    ((status, said),) = answers(server, *pieces)
    assert status == 400
    assert b"more than 65536 bytes" in said
    assert "Traceback" not in server.log


@pytest.mark.parametrize(("first", "more"), ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_not_taken_in(server, first, more):
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as client:
        client.sendall(first)
        with pytest.raises(ConnectionError):
            send_without_end(client, more)


def send_without_end(client, piece):
    while True:
        client.sendall(piece)


def test_a_large_head_within_the_bounds_is_served_and_so_are_those_after_it(server):
    host = f"GET /health HTTP/1.1\r\nHost: {server.address}\r\n".encode()
    large = host + b"".join(b"X-%d: %b\r\n" % (number, b"a" * 20_000) for number in range(3)) + b"\r\n"
    assert [status for status, _ in answers(server, large * 3, count=3)] == [200] * 3


@pytest.mark.parametrize("is_split", [False, True])
def test_the_body_of_a_request_that_offers_http_2_is_read(server, is_split):
    head = (
        f"POST /api/v1/jobs HTTP/1.1\r\nHost: {server.address}\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Length: {len(JOB)}\r\n"
    ).encode()
    after = f"GET /health HTTP/1.1\r\nHost: {server.address}\r\n".encode() + OFFER + b"\r\n"
    whole = head + OFFER + b"\r\n" + JOB + after
    pieces = [whole[:150], whole[150:330], whole[330:]] if is_split else [whole]
    first, second = answers(server, *pieces, count=2)
    assert (first[0], json.loads(first[1])["type"]) == (201, "accepted"), first
    assert (second[0], json.loads(second[1])["status"]) == (200, "ok")
    assert "Unsupported upgrade" not in server.log


class Segments(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self):
        super().__init__()
        self.written = []
        self.closed = False

    def write(self, data):
        self.written.append(bytes(data))

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True


@pytest.mark.anyio
async def test_an_answer_that_is_whole_is_one_segment_and_one_that_waits_begins_at_once():
    loop = asyncio.get_running_loop()
    whole = Segments()
    joined = JoinedWrites(whole, loop)
    joined.write(b"head ")
    joined.write(b"body ")
    joined.write(b"more")
    assert whole.written == [b"head body ", b"more"]
    waiting = Segments()
    joined = JoinedWrites(waiting, loop)
    joined.write(b"head")
    assert waiting.written == []
    await asyncio.sleep(0)
    assert waiting.written == [b"head"]
    joined.write(b"body")
    closed = Segments()
    joined = JoinedWrites(closed, loop)
    joined.write(b"head")
    joined.close()
    await asyncio.sleep(0)
    assert (waiting.written, closed.written, joined.is_closing()) == ([b"head", b"body"], [b"head"], True)
