"""Who may come in: token, Host and Origin, on HTTP and on the WebSocket's upgrade alike."""

import contextlib
import http.client
import json
import stat
import sys

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bandmate_protocol.codec import encode_message
from bandmate_protocol.messages import Error, Hello
from bandmate_protocol.proof import proof_of
from tests.server.wire import Wire


def get(server, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def upgrade(server, token=None, **headers):
    """The HTTP status of an upgrade, 101 when it succeeds."""
    headers["Authorization"] = f"Bearer {server.token if token is None else token}"
    try:
        with connect(f"ws://{server.address}/ws", additional_headers=headers, proxy=None):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_health_needs_no_token(server):
    status, body = get(server, "/health")
    assert status == 200
    assert b'"status":"ok"' in body
    assert server.token.encode() not in body


def test_health_proves_that_the_server_has_the_token_and_only_to_a_nonce(server):
    host, nonce = f"127.0.0.1:{server.port}", "0" * 32
    health = json.loads(get(server, f"/health?nonce={nonce}")[1])
    assert health["proof"] == proof_of(server.token, host, nonce)
    named = json.loads(get(server, f"/health?nonce={nonce}", Host=f"LOCALHOST:{server.port}")[1])
    assert named["proof"] == proof_of(server.token, f"localhost:{server.port}", nonce)
    for other in ("", "?nonce=", "?nonce=0", f"?nonce={'0' * 129}", f"?nonce={nonce[:-1]}X"):
        assert "proof" not in json.loads(get(server, f"/health{other}")[1])


def test_metrics_need_the_token(server):
    assert get(server, "/metrics")[0] == 401
    status, body = get(server, "/metrics", Authorization=f"Bearer {server.token}")
    assert status == 200
    assert b"bandmate_sessions" in body
    assert b'bandmate_refused_total{reason="token"}' in body


@pytest.mark.parametrize("token", ["", "wrong", "Bearer", "é" * 64])
def test_a_wrong_token_is_refused(server, token):
    assert upgrade(server, token=token.encode().decode("latin-1")) == 401


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "http://localhost", "http://127.0.0.1.evil.com", "file://"]
)
def test_a_web_page_is_refused_with_the_right_token_too(server, origin):
    assert upgrade(server, Origin=origin) == 403
    assert get(server, "/health", Origin=origin)[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.com:{port}", ""]
)
def test_a_rebound_host_is_refused(server, host):
    assert get(server, "/health", Host=host.format(port=server.port))[0] == 403


def test_the_names_of_loopback_are_let_in(server):
    for host in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert get(server, "/health", Host=f"{host}:{server.port}")[0] == 200
    assert upgrade(server) == 101


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "none, cross-site"])
def test_a_page_of_another_site_is_refused_before_anything_else(server, site):
    """A browser says so with requests that have no Origin, such as those of images and `no-cors`."""
    authorized = {"Authorization": f"Bearer {server.token}"}
    for headers in ({}, authorized, {"Host": "evil.example"}):
        status, body = get(server, "/health", **headers, **{"Sec-Fetch-Site": site})
        assert status == 403
        assert b"other sites" in body
    assert upgrade(server, **{"Sec-Fetch-Site": site}) == 403


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_a_page_of_the_servers_own_and_an_address_that_was_typed_are_let_in(server, site):
    assert get(server, "/health", **{"Sec-Fetch-Site": site})[0] == 200
    assert get(server, "/metrics", **{"Sec-Fetch-Site": site})[0] == 401


def test_what_a_page_asks_for_reaches_the_log_once_short_and_without_control_characters(own_server):
    for _ in range(300):
        path = "/%1b]0;owned%07%0aforged%20line%e2%80%ae" + 2_000 * "x"
        assert get(own_server, path, **{"Sec-Fetch-Site": "cross-site"})[0] == 403
        assert get(own_server, path)[0] == 401
    assert own_server.stop() == 0
    for log in (own_server.log, (own_server.home / "state" / "log" / "server.log").read_text()):
        lines = [line for line in log.splitlines() if "refused" in line or "forged" in line]
        assert len(lines) == 4, "for either reason the first, and how many there were"
        assert sum("299 more" in line for line in lines) == 2
        assert all(len(line) < 300 for line in lines)
        assert not any(mark in log for mark in "\x1b\x07\u202e")


def test_an_allowed_origin_is_let_in(tmp_path):
    from tests.running import RunningServer

    allowed = {"BANDMATE_SERVER_ALLOWED_ORIGINS": "http://localhost:3000"}
    server = RunningServer(tmp_path, environ=allowed).start()
    assert upgrade(server, Origin="http://localhost:3000") == 101
    assert upgrade(server, Origin="http://localhost:3000", **{"Sec-Fetch-Site": "same-site"}) == 101
    assert upgrade(server, Origin="http://localhost:3001") == 403
    assert server.stop() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_the_token_is_private_and_never_logged(server):
    mode = stat.S_IMODE((server.home / "config" / "token").stat().st_mode)
    assert mode == 0o600
    assert server.token not in server.log


def test_another_protocol_version_is_told_which_would_work(server, wire):
    with connect(
        f"ws://{server.address}/ws",
        additional_headers={"Authorization": f"Bearer {server.token}"},
        proxy=None,
    ) as socket:
        hello = Hello(protocol_min=7, protocol_max=9, role="test", client_name="future", client_version="9")
        socket.send(encode_message(hello))
        from bandmate_protocol.codec import SERVER_FRAMES

        error = SERVER_FRAMES.decode(socket.recv(10))
    assert isinstance(error, Error)
    assert error.code == "unsupported_protocol"
    assert "7 to 9" in error.sentence


def test_garbage_closes_nobody_elses_connection(server, wire):
    with connect(
        f"ws://{server.address}/ws",
        additional_headers={"Authorization": f"Bearer {server.token}"},
        proxy=None,
    ) as socket:
        socket.send("text")
        socket.recv(10)
    assert type(wire.run("noise")).__name__ == "Done"


def test_an_oversized_frame_ends_only_its_connection(server, wire):
    with Wire(server) as big:
        with contextlib.suppress(ConnectionClosed):
            big.socket.send(b"\xc6" + bytes(5 << 20))
        with pytest.raises(ConnectionClosed):
            big.socket.recv(10)
    assert type(wire.run("noise")).__name__ == "Done"


def test_loopback_is_the_default_and_a_lan_address_is_asked_for():
    from bandmate_protocol.errors import RequestError
    from bandmate_server.app import _listening_socket
    from bandmate_server.config import Settings

    with pytest.raises(RequestError, match="other machines"), _listening_socket(Settings(host="0.0.0.0")):
        pass
    with _listening_socket(Settings(host="0.0.0.0", allow_lan=True, port=0)) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"


def test_a_busy_port_is_said_with_the_next_step(server, tmp_path):
    import subprocess

    from tests.running import server_environ

    command = [sys.executable, "-m", "bandmate_plugins", "serve", "--port", str(server.port)]
    ended = subprocess.run(command, env=server_environ(tmp_path), capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert str(server.port) in ended.stderr
    assert "--port 0" in ended.stderr
    assert "Traceback" not in ended.stderr
