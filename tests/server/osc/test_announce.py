"""Announcement and OSCQuery: a real browser of zeroconf and a real HTTP client, on loopback."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from typing import Any

import pytest
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from bandmate_plugins._host.loading import read_catalogue
from bandmate_protocol.errors import RequestError
from bandmate_server.config import Settings
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.osc import OscSettings, osc_settings
from bandmate_server.surfaces.osc.addresses import address_table
from bandmate_server.surfaces.osc.announce import (
    OSC_TYPE,
    QUERY_TYPE,
    announced_services,
    dns_label,
    machine_name,
    serve_and_announce,
)
from bandmate_server.surfaces.osc.query_server import query_app, query_server

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def model() -> ControlModel:
    return ControlModel.from_plugins(read_catalogue())


class Browser:
    """What is announced on loopback now."""

    def __init__(self) -> None:
        self._zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
        self.names: set[str] = set()
        self._changed = asyncio.Event()
        self._browser = AsyncServiceBrowser(
            self._zeroconf.zeroconf, [OSC_TYPE, QUERY_TYPE], handlers=[self._change]
        )

    def _change(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is ServiceStateChange.Removed:
            self.names.discard(name)
        else:
            self.names.add(name)
        self._changed.set()

    async def until(self, names: set[str]) -> None:
        async with asyncio.timeout(30):
            while self.names != names:
                await self._changed.wait()
                self._changed.clear()

    async def until_several(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.names) < count:
                await self._changed.wait()
                self._changed.clear()

    async def info(self, kind: str, name: str) -> AsyncServiceInfo:
        found = await self._zeroconf.async_get_service_info(kind, f"{name}.{kind}")
        assert found is not None
        return found

    async def close(self) -> None:
        await self._browser.async_cancel()
        await self._zeroconf.async_close()


async def test_what_is_announced_answers_and_is_gone_at_the_end(model: ControlModel) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
        osc.bind(("127.0.0.1", 0))
        settings, browser = OscSettings(peers=frozenset({"127.0.0.2"}), announce=True), Browser()
        name = f"Bandmate on {machine_name()}"
        try:
            async with serve_and_announce(model, settings, osc.getsockname()[1], ["127.0.0.1"]):
                await browser.until({f"{name}.{OSC_TYPE}", f"{name}.{QUERY_TYPE}"})
                query = await browser.info(QUERY_TYPE, name)
                assert query.port is not None
                status, info = await asyncio.to_thread(get, query.port, "/?HOST_INFO", "127.0.0.2")
                assert (status, info["OSC_PORT"]) == (200, osc.getsockname()[1])
                assert (await asyncio.to_thread(get, query.port, "/", "127.0.0.3"))[0] == 403
                found = await browser.info(OSC_TYPE, name)
                assert (found.port, found.parsed_addresses()) == (info["OSC_PORT"], ["127.0.0.1"])
            await browser.until(set())
        finally:
            await browser.close()


LONG_NAMES = ["x" * 52, "机" * 30, "with space\tand tab"]


@pytest.mark.parametrize("host", LONG_NAMES)
async def test_a_long_host_name_is_cut_to_what_dns_allows(
    model: ControlModel, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """A name of 52 bytes kept the server from starting."""
    monkeypatch.setattr(socket, "gethostname", lambda: f"{host}.studio.example")
    settings, browser = OscSettings(peers=frozenset({"127.0.0.2"}), announce=True), Browser()
    try:
        async with serve_and_announce(model, settings, 7894, ["127.0.0.1"]):
            await browser.until_several(2)
            for name in browser.names:
                label = name.partition("._osc")[0]
                assert label.startswith("Bandmate on ")
                assert host.startswith(label.removeprefix("Bandmate on ")[:8])
                assert len(label.encode()) <= 59
    finally:
        await browser.close()


def test_a_label_is_cut_between_characters() -> None:
    assert dns_label("机" * 30) == "机" * 19
    assert dns_label("short") == "short"
    assert dns_label("a\x07b\ud800c") == "abc"


async def test_whatever_zeroconf_refuses_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("\x07" * 4, "x" * 64):
        async with announced_services(name, 7894, 7895, ["127.0.0.1"]):
            await asyncio.sleep(0)
    assert caplog.text.count("OSC is not announced: ") == 2


async def test_it_ends_at_once_while_it_still_announces() -> None:
    async with asyncio.timeout(10):
        async with announced_services("Bandmate in a hurry", 7894, 7895, ["127.0.0.1"]):
            await asyncio.sleep(0)


def get(port: int, path: str, source: str = "127.0.0.1", host: str = "127.0.0.1") -> tuple[int, Any]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(source, 0))
    try:
        client.request("GET", path, headers={"Host": f"{host}:{port}"})
        answer = client.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else None
    finally:
        client.close()


def leaves(node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {node["FULL_PATH"]: node} if "TYPE" in node else {}
    for child in node.get("CONTENTS", {}).values():
        found |= leaves(child)
    return found


async def test_a_program_reads_what_there_is(model: ControlModel) -> None:
    model.set_value("separate/mode", "two")
    app = query_app(model, "Bandmate here", 7894, frozenset({"127.0.0.1"}))

    async def ask(path: str, **more: str) -> tuple[int, Any]:
        return await asyncio.to_thread(get, port, path, **more)

    async with query_server(app, ["127.0.0.1"], 0) as port:
        status, info = await ask("/?HOST_INFO")
        assert (status, info["NAME"], info["OSC_PORT"], info["OSC_TRANSPORT"]) == (
            200,
            "Bandmate here",
            7894,
            "UDP",
        )
        assert info["EXTENSIONS"]["VALUE"] is True
        assert info["EXTENSIONS"]["LISTEN"] is False
        _, tree = await ask("/")
        found = leaves(tree)
        assert set(found) == {each.path for each in address_table(model)}
        strength = found["/bandmate/v1/param/cover/strength"]
        assert (strength["TYPE"], strength["ACCESS"], strength["VALUE"]) == ("f", 3, [0.5])
        assert strength["RANGE"] == [{"MIN": 0, "MAX": 1}]
        choice = found["/bandmate/v1/param/separate/mode/str"]
        assert choice["VALUE"] == ["two"]
        assert "two" in choice["RANGE"][0]["VALS"]
        trigger = found["/bandmate/v1/task/cover"]
        assert (trigger["TYPE"], trigger["ACCESS"]) == ("T", 2)
        assert "VALUE" not in trigger
        assert await ask("/bandmate/v1/param/cover/strength?VALUE") == (200, {"VALUE": [0.5]})
        assert (await ask("/bandmate/v1/job"))[1]["CONTENTS"]["state"]["VALUE"] == ["idle"]
        assert await ask("/bandmate/v1/task/cover?VALUE") == (204, None)
        assert await ask("/bandmate/v1/task/nothing") == (404, None)
        assert await ask("/bandmate/v1/tas") == (404, None)
        assert await ask("/?SECRETS") == (400, None)
        assert await ask("/", source="127.0.0.2") == (403, None)
        assert await ask("/", host="evil.example") == (403, None)
        assert (await ask("/?HOST_INFO", host="bandmate-studio.local"))[0] == 200
    with socket.create_server(("127.0.0.1", port)) as free:
        assert free


async def test_a_port_in_use_is_said(model: ControlModel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RequestError, match=f"TCP port {port}"):
            async with query_server(query_app(model, "", 1, frozenset()), ["127.0.0.1"], port):
                pytest.fail("it cannot listen")


async def test_without_other_machines_there_is_nothing_to_announce_to() -> None:
    with pytest.raises(
        RequestError, match="The setting osc_announce is for other machines, but osc_peers is empty"
    ):
        osc_settings(Settings(osc_announce=True))
    assert osc_settings(Settings(osc_announce=True, osc_peers=("192.168.1.20",))).announce
    assert not osc_settings(Settings(osc_peers=("192.168.1.20",))).announce
