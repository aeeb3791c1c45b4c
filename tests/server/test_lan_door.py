"""A server that other machines may use: by its own addresses, with the same rules for pages and tokens."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_server.config import load_settings
from bandmate_server.web.lan import lan_addresses
from tests.running import RunningServer
from tests.server.console_http import Answer, make_code, request


@pytest.fixture(scope="module")
def lan_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("home"), "--allow-lan").start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture(scope="module")
def netloc(lan_server: RunningServer) -> str:
    return f"{lan_addresses('0.0.0.0')[0]}:{lan_server.port}"


def from_outside(netloc: str, method: str, path: str, headers: dict[str, str], body: str = "") -> Answer:
    """Over the network's address, and not over loopback."""
    host, _, port = netloc.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    try:
        connection.request(method, path, body.encode(), headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_allowed_machines_reach_every_address_and_others_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    assert load_settings().host == "127.0.0.1"
    assert load_settings(allow_lan=True).host == "0.0.0.0"
    assert load_settings(allow_lan=True, host="127.0.0.1").host == "127.0.0.1"


def test_addresses_are_those_that_can_be_typed_elsewhere() -> None:
    assert lan_addresses("127.0.0.1") == lan_addresses("::1") == lan_addresses("localhost") == []
    assert lan_addresses("192.0.2.7") == ["192.0.2.7"]
    assert not [each for each in lan_addresses("0.0.0.0") if each.startswith(("127.", "169.254."))]


def test_its_own_address_is_a_host_and_an_origin(lan_server: RunningServer, netloc: str) -> None:
    status, headers, _ = from_outside(netloc, "GET", "/", {"Host": netloc})
    assert status == 200
    assert f"connect-src 'self' ws://{netloc}" in headers["content-security-policy"]
    assert "cross-origin-opener-policy" not in headers, "browsers complain of it where there is no TLS"
    body = json.dumps({"code": make_code(lan_server)})
    origin = {"Host": netloc, "Origin": f"http://{netloc}"}
    status, headers, _ = from_outside(netloc, "POST", "/console/sign-in", origin, body)
    assert status == 200
    assert "HttpOnly" in headers["set-cookie"]
    assert "SameSite=strict" in headers["set-cookie"]


def test_names_and_other_addresses_stay_out(lan_server: RunningServer, netloc: str) -> None:
    port = lan_server.port
    for host in (f"evil.example:{port}", f"192.0.2.200:{port}", netloc.partition(":")[0], f"0.0.0.0:{port}"):
        assert from_outside(netloc, "GET", "/", {"Host": host})[0] == 403
    # A connection over loopback is none to that address.
    assert request(lan_server, "GET", "/", {"Host": netloc})[0] == 403
    for origin in ("http://evil.example", f"http://evil.example:{port}", "null"):
        assert from_outside(netloc, "GET", "/health", {"Host": netloc, "Origin": origin})[0] == 403
    assert from_outside(netloc, "GET", "/metrics", {"Host": netloc})[0] == 401
    assert from_outside(netloc, "POST", "/console/code", {"Host": netloc})[0] == 401


def test_without_allow_lan_the_hosts_are_those_of_loopback(server: RunningServer) -> None:
    status, _, body = request(server, "POST", "/console/code", {"Authorization": f"Bearer {server.token}"})
    assert (status, json.loads(body)["lan"]) == (200, [])
