"""The token goes to nobody but a server that has it: whoever else holds the port gets nothing."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bandmate_bridge.client import Client, launch
from bandmate_plugins._platform import home as homes
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.running import RunningServer, server_environ

HEALTHY = {"status": "ok", "version": "0.1.0", "protocol": 1}


class Squatter:
    """Listens where a server was, answers `/health` as one would, and keeps all that it is sent."""

    def __init__(self, health: Callable[[str], dict[str, object]] = lambda path: HEALTHY) -> None:
        self.health = health
        self.got = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(65_536):
                self.got += data
                path = data.split(b" ")[1].decode()
                body = json.dumps(self.health(path) if path.startswith("/health") else {}).encode()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def squatter() -> Iterator[Squatter]:
    squatting = Squatter()
    yield squatting
    squatting.close()


@pytest.fixture
def ended(home: Path) -> Iterator[None]:
    yield
    server = homes.read_running()
    if server is not None and psutil.pid_exists(server.pid):
        process = psutil.Process(server.pid)
        process.terminate()
        process.wait(20)


def stays_known_at(port: int) -> None:
    """As after a server that was killed."""
    homes.write_running(homes.ServerRecord(host="127.0.0.1", port=port, pid=2**22 + 1, version="0"))


@pytest.mark.usefixtures("ended")
def test_whoever_took_a_dead_servers_port_does_not_get_the_token(squatter: Squatter) -> None:
    stays_known_at(squatter.port)
    with Client.connect(role="test") as client:
        assert client.address.port != squatter.port, "a server of our own was started"
    assert squatter.got, "it was asked"
    assert homes.server_token().encode() not in squatter.got


def test_a_named_server_that_cannot_prove_itself_is_refused(home: Path, squatter: Squatter) -> None:
    with pytest.raises(RequestError, match="the token was not sent") as caught:
        Client.connect(f"127.0.0.1:{squatter.port}", role="test")
    assert caught.value.code == ErrorCode.NOT_ALLOWED
    for way_out in ("BANDMATE_TOKEN", "bandmate serve --port 0", "update"):
        assert way_out in caught.value.remedy
    assert homes.server_token().encode() not in squatter.got


def test_the_answer_of_the_real_server_passed_on_is_of_no_use(tmp_path: Path, home: Path) -> None:
    real = RunningServer(home).start()

    def passed_on(path: str) -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", real.port, timeout=10)
        connection.request("GET", path)
        answer: dict[str, object] = json.load(connection.getresponse())
        connection.close()
        return answer

    squatter = Squatter(passed_on)
    try:
        with pytest.raises(RequestError, match="the token was not sent"):
            Client.connect(f"127.0.0.1:{squatter.port}", role="test")
        assert real.token.encode() not in squatter.got
        for name in ("127.0.0.1", "localhost"):
            with Client.connect(f"{name}:{real.port}", role="test") as client:
                assert client.welcome.protocol == 1
    finally:
        squatter.close()
        assert real.stop() == 0, real.log


def test_finding_a_server_starts_none_where_the_own_one_answers(home: Path) -> None:
    real = RunningServer(home).start()
    try:
        assert launch.find_or_start()[0].port == real.port
    finally:
        real.stop()


def test_doctor_names_a_port_that_somebody_else_has(home: Path, squatter: Squatter) -> None:
    stays_known_at(squatter.port)
    command = [sys.executable, "-m", "bandmate_plugins", "doctor", "--json"]
    done = subprocess.run(
        command, env=server_environ(home), capture_output=True, text=True, timeout=120, check=False
    )
    (server,) = [finding for finding in json.loads(done.stdout) if finding["about"] == "server"]
    assert server["state"] == "bad"
    assert "does not prove" in server["sentence"]
    assert homes.server_token().encode() not in squatter.got
