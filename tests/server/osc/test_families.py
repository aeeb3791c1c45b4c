"""OSC over IPv4 and IPv6 on real sockets: who is heard, and who is told."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Iterator

import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

from bandmate_protocol.errors import RequestError
from bandmate_server.config import Settings
from bandmate_server.surfaces.osc import OscServer, OscSettings, osc_settings
from bandmate_server.surfaces.osc.query_server import query_app, query_server
from tests.server.control.stage import Stage

V1 = "/bandmate/v1"


class Listener:
    """A socket of one family, and the addresses of what it was sent."""

    def __init__(self, host: str) -> None:
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self._heard: list[str] = []

    def send(self, port: int, path: str, *arguments: object) -> None:
        self._socket.sendto(build_msg(f"{V1}/{path}", list(arguments)).dgram, (self.host, port))

    def heard(self, path: str) -> bool:
        while True:
            try:
                self._heard.append(OscMessage(self._socket.recv(65_536)).address)
            except BlockingIOError:
                return f"{V1}/{path}" in self._heard

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    found = Listener(request.param)
    yield found
    found.close()


@pytest.mark.anyio
async def test_feedback_arrives_in_either_family(stage: Stage, listener: Listener) -> None:
    host = f"[{listener.host}]" if ":" in listener.host else listener.host
    settings = osc_settings(Settings(osc_port=0, osc_feedback=(f"{host}:{listener.port}",)))
    osc = OscServer(stage.desk, settings)
    await osc.start()
    try:
        await stage.until(lambda: listener.heard("slot/64/armed"))
        assert osc.counts["sent"] > 0
    finally:
        await osc.stop()


@pytest.mark.anyio
async def test_both_families_of_this_machine_are_heard_and_answered(stage: Stage, listener: Listener) -> None:
    osc = OscServer(stage.desk, OscSettings(port=0))
    port = await osc.start()
    try:
        listener.send(port, "subscribe", listener.port)
        await stage.until(lambda: listener.heard("hello"))
    finally:
        await osc.stop()


@pytest.mark.anyio
@pytest.mark.parametrize("argument", ["float", "double", "int64"])
async def test_a_port_may_be_any_kind_of_number(stage: Stage, listener: Listener, argument: str) -> None:
    """osc.js sends every number as a float."""
    from pythonosc.osc_message_builder import OscMessageBuilder

    osc = OscServer(stage.desk, OscSettings(port=0))
    port = await osc.start()
    builder = OscMessageBuilder(f"{V1}/subscribe")
    whole = float(listener.port) if argument != "int64" else listener.port
    builder.add_arg(whole, {"float": "f", "double": "d", "int64": "h"}[argument])
    try:
        listener._socket.sendto(builder.build().dgram, (listener.host, port))
        await stage.until(lambda: listener.heard("hello"))
        assert stage.model.value_of("error") == ""
    finally:
        await osc.stop()


@pytest.mark.anyio
@pytest.mark.parametrize("port", [0, -1, 65_536, 19_003.5, float("inf"), float("nan"), "19003", b"x"])
async def test_what_is_no_port_is_said(stage: Stage, listener: Listener, port: object) -> None:
    osc = OscServer(stage.desk, OscSettings(port=0))
    try:
        listener.send(await osc.start(), "subscribe", port)
        await stage.until(
            lambda: "A port must be a whole number from 1 to 65535" in str(stage.model.value_of("error"))
        )
        assert len(osc.subscribers) == 0
    finally:
        await osc.stop()


@pytest.mark.anyio
async def test_a_button_that_pings_names_no_port(stage: Stage, listener: Listener) -> None:
    osc = OscServer(stage.desk, OscSettings(port=0))
    port = await osc.start()
    try:
        listener.send(port, "subscribe", listener.port)
        await stage.until(lambda: len(osc.subscribers) == 1)
        listener.send(port, "unsubscribe", 1.0)
        await stage.until(lambda: len(osc.subscribers) == 0)
    finally:
        await osc.stop()


@pytest.mark.anyio
async def test_malformed_osc_is_counted_and_said(stage: Stage, listener: Listener) -> None:
    osc = OscServer(stage.desk, OscSettings(port=0))
    port = await osc.start()
    try:
        data = b"/bandmate/v1/target\0,x\0\0"
        listener._socket.sendto(data, (listener.host, port))
        await stage.until(lambda: osc.counts["malformed"] == 1)
        assert "the type x is not one of OSC 1.1" in str(stage.model.value_of("error"))
    finally:
        await osc.stop()


def test_addresses_of_either_family_are_read() -> None:
    alone = osc_settings(Settings(osc_feedback=("[::1]:9000",)))
    assert (alone.host, alone.host_ipv6, alone.feedback) == ("127.0.0.1", "::1", (("::1", 9000),))
    assert alone.needs_ipv6
    both = osc_settings(
        Settings(osc_peers=("192.168.1.20", "[FD00::0:2]", "::ffff:192.168.1.21", "fe80::2%lo"))
    )
    lo = socket.if_nametoindex("lo")
    assert both.peers == {"192.168.1.20", "fd00::2", "192.168.1.21", f"fe80::2%{lo}"}
    assert (both.host, both.host_ipv6) == ("0.0.0.0", "::")
    newer = osc_settings(Settings(osc_peers=("fd00::2",), osc_feedback=("[fd00::2]:9000",)))
    assert (newer.host, newer.host_ipv6) == ("127.0.0.1", "::")
    assert not osc_settings(Settings(osc_peers=("192.168.1.20",))).needs_ipv6


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"osc_feedback": ("::1:9000",)}, r"does not separate address and port.*\[::1\]:9000"),
        ({"osc_feedback": ("[fd00::2]:9000",)}, r'not in osc_peers.*osc_peers = \["fd00::2"\]'),
        ({"osc_peers": ("fe80::2%nowhere0",)}, "no interface nowhere0"),
        ({"osc_peers": ("fd00::zz",)}, "fd00::zz is not an address"),
    ],
)
def test_settings_that_cannot_be_meant_are_said(settings: dict[str, tuple[str, ...]], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        osc_settings(Settings(**settings))  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_a_port_in_use_is_said_where_it_is_needed(stage: Stage) -> None:
    """What only IPv6 lacks stops a server only when a setting names an IPv6 address."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        taken.bind(("::1", 0))
        port = taken.getsockname()[1]
        osc = OscServer(stage.desk, OscSettings(port=port, feedback=(("::1", 9000),)))
        with pytest.raises(RequestError, match=f"OSC cannot listen on port {port}"):
            await osc.start()
        osc = OscServer(stage.desk, OscSettings(port=port))
        assert await osc.start() == port
        await osc.stop()


@pytest.mark.anyio
async def test_oscquery_answers_in_both_families(stage: Stage) -> None:
    app = query_app(stage.model, "Bandmate", 7894, frozenset({"127.0.0.1", "::1"}))

    def status(host: str) -> int:
        client = http.client.HTTPConnection(host, port, timeout=30)
        try:
            client.request("GET", "/?HOST_INFO")
            return client.getresponse().status
        finally:
            client.close()

    async with query_server(app, ["127.0.0.1", "::1"], 0) as port:
        assert [await asyncio.to_thread(status, host) for host in ("127.0.0.1", "::1")] == [200, 200]
