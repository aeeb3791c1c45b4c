"""The UDP endpoint on a real port of this process, with a desk whose jobs the test holds in its hand."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

from bandmate_protocol.errors import RequestError
from bandmate_server.config import Settings
from bandmate_server.surfaces.osc import OscServer, OscSettings, osc_settings
from bandmate_server.surfaces.osc.server import FEEDBACK_SECONDS
from bandmate_server.surfaces.osc.subscribers import LEASE_SECONDS
from tests.server.control.stage import Stage
from tests.server.midi.gestures import Clock

V1 = "/bandmate/v1"


class Tablet:
    """A socket on an address of its own, and what it was told, with the time at which it came."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._server = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        self.seen: list[tuple[float, str, object]] = []

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def send(self, path: str, *arguments: object) -> None:
        self._socket.sendto(build_msg(f"{V1}/{path}", list(arguments)).dgram, self._server)

    def hear(self) -> list[tuple[float, str, object]]:
        while True:
            try:
                message = OscMessage(self._socket.recv(65_536))
            except BlockingIOError:
                return self.seen
            path = message.address.removeprefix(f"{V1}/")
            self.seen.append((time.monotonic(), path, next(iter(message.params), None)))

    def every(self, path: str) -> list[object]:
        return [value for _, known, value in self.hear() if known == path]

    def close(self) -> None:
        self._socket.close()


@pytest.mark.anyio
async def test_an_address_that_is_not_allowed_is_dropped_and_counted(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    osc = OscServer(stage.desk, OscSettings(port=0))
    stranger = Tablet(await osc.start(), "127.0.0.2")
    try:
        for _ in range(3):
            stranger.send("subscribe", stranger.port)
            stranger.send("task/cover")
            stranger.send("param/cover/strength", 1.0)
        await stage.until(lambda: osc.counts["denied"] == 9)
        assert stage.model.value_of("cover/strength") == 0.5
        assert (stage.invokes, len(osc.subscribers), stranger.hear()) == ([], 0, [])
        assert osc.counts["taken"] == osc.counts["sent"] == 0
        assert caplog.text.count("127.0.0.2") == 1
    finally:
        await osc.stop()
        stranger.close()


@pytest.mark.anyio
async def test_an_address_on_the_list_is_heard_and_answered(stage: Stage) -> None:
    osc = OscServer(stage.desk, OscSettings(port=0, peers=frozenset({"127.0.0.2"})))
    tablet = Tablet(await osc.start(), "127.0.0.2")
    try:
        tablet.send("subscribe", tablet.port)
        await stage.until(lambda: tablet.every("hello") == ["bandmate"])
        tablet.send("task/cover")
        await stage.until(lambda: len(stage.invokes) == 1)
        assert osc.counts["denied"] == 0
    finally:
        await osc.stop()
        tablet.close()


@pytest.mark.anyio
async def test_subscribers_that_vanish_hold_up_nobody_and_end_with_their_lease(stage: Stage) -> None:
    clock = Clock()
    osc = OscServer(stage.desk, OscSettings(port=0), clock)
    port = await osc.start()
    here, gone = Tablet(port), [Tablet(port) for _ in range(5)]
    try:
        for tablet in [here, *gone]:
            tablet.send("subscribe", tablet.port)
        await stage.until(lambda: len(osc.subscribers) == 6)
        for tablet in gone:
            tablet.close()
        here.send("task/cover")
        await stage.until(lambda: len(stage.invokes) == 1)
        job = stage.accept(stage.invokes[0])
        await stage.until(lambda: "running" in here.every("job/state"))
        stage.jobs.cancel(job.id)
        await stage.until(lambda: here.every("job/state")[-1:] == ["cancelled"])
        clock.now = LEASE_SECONDS - 1
        here.send("ping", here.port)
        await stage.until(lambda: len(here.every("pong")) == 1)
        clock.now = LEASE_SECONDS + 1
        stage.model.set_value("cover/strength", 1.0)
        await stage.until(lambda: len(osc.subscribers) == 1)
        await stage.until(lambda: here.every("param/cover/strength")[-1:] == [0.5])
    finally:
        await osc.stop()
        here.close()


@pytest.mark.anyio
async def test_feedback_keeps_its_pace_and_ends_with_the_newest(stage: Stage) -> None:
    """An address comes thirty times a second at most, whatever changes it, and its last value comes."""
    osc = OscServer(stage.desk, OscSettings(port=0))
    tablet = Tablet(await osc.start())
    try:
        tablet.send("subscribe", tablet.port)
        await stage.until(lambda: tablet.every("slot/64/armed") == [0])
        first, started = len(tablet.seen), time.monotonic()
        for step in range(1, 2001):
            stage.model.set_display("job/progress", step / 2000)
            stage.model.set_value("generate/strength", step / 1000)
            await asyncio.sleep(0.0005)
            tablet.hear()
        await stage.until(lambda: tablet.every("job/progress")[-1] == 1.0)
        await stage.until(lambda: tablet.every("param/generate/strength/raw")[-1] == 2.0)
        for path in ("job/progress", "param/generate/strength/raw"):
            came = [(at, value) for at, known, value in tablet.seen[first:] if known == path]
            assert [value for _, value in came] == sorted(value for _, value in came)  # type: ignore[type-var]
            assert 2 < len(came) <= (came[-1][0] - started) / FEEDBACK_SECONDS + 2
    finally:
        await osc.stop()
        tablet.close()


@pytest.mark.anyio
async def test_who_cannot_subscribe_is_told_all_the_same_and_may_ask_for_all_of_it(stage: Stage) -> None:
    clock = Clock()
    tablet = Tablet(0)
    settings = OscSettings(port=0, feedback=(("127.0.0.1", tablet.port),))
    osc = OscServer(stage.desk, settings, clock)
    hand = Tablet(await osc.start())
    try:
        await stage.until(lambda: tablet.every("slot/64/armed") == [0])
        hand.send("unsubscribe")
        clock.now = 2 * LEASE_SECONDS
        stage.model.set_display("job/state", "running")
        await stage.until(lambda: tablet.every("job/state")[-1:] == ["running"])
        tablet.seen.clear()
        hand.send("refresh")
        await stage.until(lambda: tablet.every("slot/64/armed") == [0])
        assert tablet.every("param/cover/strength") == [0.25]
    finally:
        await osc.stop()
        tablet.close()
        hand.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"osc_peers": ("tablet.local",)}, "tablet.local is not an address"),
        ({"osc_feedback": ("127.0.0.1",)}, "has no port"),
        ({"osc_feedback": ("127.0.0.1:70000",)}, "has no port"),
        ({"osc_feedback": ("tablet:9000",)}, "does not start with an address"),
        ({"osc_feedback": ("192.168.1.20:9000",)}, "not in osc_peers"),
    ],
)
def test_settings_that_cannot_be_meant_are_said(settings: dict[str, tuple[str, ...]], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        osc_settings(Settings(**settings))  # type: ignore[arg-type]


def test_other_machines_are_listened_to_only_when_they_are_named() -> None:
    alone = osc_settings(Settings(osc_feedback=("127.0.0.1:9000", ":9001")))
    assert (alone.host, alone.feedback) == ("127.0.0.1", (("127.0.0.1", 9000), ("127.0.0.1", 9001)))
    lan = osc_settings(Settings(osc_peers=("192.168.1.20",), osc_feedback=("192.168.1.20:9000",)))
    assert (lan.host, lan.feedback) == ("0.0.0.0", (("192.168.1.20", 9000),))


@pytest.mark.anyio
async def test_its_port_is_free_once_it_has_stopped(stage: Stage) -> None:
    osc = OscServer(stage.desk, OscSettings(port=0))
    port = await osc.start()
    await osc.stop()
    await asyncio.sleep(0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", port))
