"""Connections that come to nothing are closed, and an honest client is served beside and after them."""

import asyncio
import socket
import sys

import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bandmate_plugins._platform import home
from bandmate_server.app import run_server
from bandmate_server.config import Settings
from bandmate_server.sessions import connection
from bandmate_server.web import timed
from tests.server.wire import Wire

HALVES = {
    "nothing": b"",
    "half a line": b"GET /hea",
    "half the headers": b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-",
    "half a body": b"POST /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 10\r\n\r\nabc",
    "half a second request": b"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\nGET /he",
}


@pytest.fixture
async def port(tmp_path, monkeypatch):
    """That of a server in this process, whose patience is short."""
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    monkeypatch.setattr(timed, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connection, "HELLO_SECONDS", 0.3)
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(run_server(Settings(port=0, idle_exit_seconds=0.5), ready.set_result))
    done, _ = await asyncio.wait({ready, serving}, return_when=asyncio.FIRST_COMPLETED)
    assert ready in done, serving.result()
    yield ready.result()
    await serving


@pytest.mark.anyio
@pytest.mark.parametrize("half", HALVES)
async def test_half_a_request_is_not_waited_for(port, half):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HALVES[half].replace(b"{port}", str(port).encode()))
    try:
        while await reader.read(65_536):
            pass
    except ConnectionError:
        pass
    writer.close()


@pytest.mark.anyio
async def test_a_session_without_a_hello_is_closed(port):
    headers = {"Authorization": f"Bearer {home.server_token()}"}
    async with connect(f"ws://127.0.0.1:{port}/ws", additional_headers=headers, proxy=None) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd.code == 1008
    assert "hello" in closed.value.rcvd.reason


@pytest.mark.anyio
async def test_a_session_that_has_greeted_may_be_silent(port):
    import msgpack

    headers = {"Authorization": f"Bearer {home.server_token()}"}
    async with connect(f"ws://127.0.0.1:{port}/ws", additional_headers=headers, proxy=None) as socket:
        hello = {"type": "hello", "protocol_min": 1, "protocol_max": 1, "role": "test"}
        await socket.send(msgpack.packb(hello | {"client_name": "silent", "client_version": "1"}))
        assert msgpack.unpackb(await socket.recv())["type"] == "welcome"
        await asyncio.sleep(1.0)
        await socket.send(msgpack.packb({"type": "ping", "request": "p"}))
        assert msgpack.unpackb(await socket.recv())["type"] == "pong"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are set on Linux only")
def test_without_handles_the_log_stays_short_and_honest_clients_come_again(own_server):
    with Wire(own_server) as wire:
        assert type(wire.run("noise")).__name__ == "Done"
    process = psutil.Process(own_server.process.pid)
    before = process.rlimit(psutil.RLIMIT_NOFILE)
    crowd = []
    try:
        process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 8, before[1]))
        crowd = [socket.create_connection(("127.0.0.1", own_server.port)) for _ in range(60)]
        while "out of system resource" not in own_server.log:
            crowd.append(socket.create_connection(("127.0.0.1", own_server.port)))
    finally:
        for one in crowd:
            one.close()
    with Wire(own_server) as wire:
        assert type(wire.run("noise")).__name__ == "Done"
    assert own_server.log.count("out of system resource") < 10, "one and a count, each minute"
