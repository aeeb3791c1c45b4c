"""The UDP endpoint: datagrams in, feedback out, thirty times a second at most."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from pythonosc.osc_bundle import ParseError as BundleParseError
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message import ParseError as MessageParseError
from pythonosc.osc_message_builder import build_msg
from pythonosc.osc_packet import OscPacket
from pythonosc.osc_packet import ParseError as PacketParseError

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.control.desk import ControlDesk
from bandmate_server.osc.addresses import PREFIX, display_path
from bandmate_server.osc.inbox import Inbox
from bandmate_server.osc.reading import Reader, UnreadableError
from bandmate_server.osc.settings import HERE, OscSettings
from bandmate_server.osc.subscribers import Peer, Subscribers
from bandmate_server.osc.writing import datagrams

_log = logging.getLogger(__name__)

FEEDBACK_SECONDS = 1 / 30
_LOOK_SECONDS = 0.004
_PARSE_ERRORS = (
    PacketParseError,
    BundleParseError,
    MessageParseError,
    ValueError,
    IndexError,
    RecursionError,
)
_MOST_BYTES = 8192


class OscServer(asyncio.DatagramProtocol):
    """Speaks OSC for a control desk."""

    def __init__(
        self,
        desk: ControlDesk,
        settings: OscSettings,
        clock: Callable[[], float] = time.monotonic,
        counts: Counter[str] | None = None,
    ) -> None:
        self._desk = desk
        self._settings = settings
        self._allowed = settings.peers | HERE
        self._reader = Reader(desk.model, clock, settings.rotary_centre)
        self.subscribers = Subscribers(clock)
        self.inbox = Inbox(display_path(trigger) for trigger in desk.model.triggers)
        self.counts: Counter[str] = Counter() if counts is None else counts
        """Datagrams taken, `denied`, `malformed`, `unknown`; feedback `sent`."""
        self._transport: asyncio.DatagramTransport | None = None
        self._arrived = asyncio.Event()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._said: set[str] = set()

    async def start(self) -> int:
        """Listens; returns the port. Raises RequestError (`port_busy`)."""
        loop = asyncio.get_running_loop()
        try:
            await loop.create_datagram_endpoint(
                lambda: self, local_addr=(self._settings.host, self._settings.port)
            )
        except OSError as error:
            raise RequestError(
                ErrorCode.PORT_BUSY,
                f"OSC cannot listen on port {self._settings.port}: {error.strerror}.",
                "Another program has it; `bandmate serve --osc --osc-port 0` takes a free one.",
            ) from error
        self._desk.model.listen(self._on_change)
        for peer in self._settings.feedback:
            self.subscribers.keep(peer, self._all())
            self._changed.set()
        self._tasks = [
            asyncio.create_task(self._read_all(), name="osc in"),
            asyncio.create_task(self._feed_back(), name="osc out"),
        ]
        assert self._transport is not None
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    async def stop(self) -> None:
        """Closes the port."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: Any) -> None:
        """The port is open."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Takes what came; it is read a little later, of what is turned only the newest."""
        peer: Peer = (addr[0], addr[1])
        if peer[0] not in self._allowed:
            self._count_denied(peer)
        elif len(data) > _MOST_BYTES:
            self.counts["malformed"] += 1
        else:
            self.counts["taken"] += 1
            self.inbox.put(data, peer)
            self._arrived.set()

    def error_received(self, exc: Exception) -> None:
        """A subscriber's port is closed: nothing to do, its lease ends by itself."""
        _log.debug("osc: %s", exc)

    def _count_denied(self, peer: Peer) -> None:
        self.counts["denied"] += 1
        if peer[0] not in self._said and len(self._said) < 64:
            self._said.add(peer[0])
            _log.warning("OSC from %s is not allowed and dropped", peer[0])

    async def _read_all(self) -> None:
        while True:
            await self._arrived.wait()
            # Let a little gather, so that a flood costs one reading for many datagrams.
            await asyncio.sleep(_LOOK_SECONDS)
            self._arrived.clear()
            for data, peer in self.inbox.take():
                try:
                    self._read(data, peer)
                except Exception:  # noqa: BLE001 - one message's fault must not end the others
                    _log.exception("an OSC message could not be carried out")

    def _read(self, data: bytes, peer: Peer) -> None:
        for message in self._parsed(data):
            try:
                self._apply(message.address, list(message.params), peer)
            except UnreadableError as error:
                self.counts["unknown"] += 1
                self._desk.model.show("error", str(error)[:200])

    def _parsed(self, data: bytes) -> Iterator[OscMessage]:
        try:
            yield from (timed.message for timed in OscPacket(data).messages)
        except _PARSE_ERRORS:
            self.counts["malformed"] += 1

    def _apply(self, address: str, arguments: list[Any], peer: Peer) -> None:
        match address.removeprefix(f"{PREFIX}/"):
            case "subscribe":
                self._subscribe(arguments, peer)
            case "unsubscribe":
                self.subscribers.remove(peer[0], _port(arguments))
            case "ping":
                self.subscribers.renew(peer[0], _port(arguments))
                self._send(build_msg(f"{PREFIX}/pong").dgram, peer)
            case "refresh":
                self.subscribers.refresh(peer[0], self._all())
                self._changed.set()
            case "target":
                self._desk.choose(str(arguments[0]) if arguments else "")
            case _:
                control, action = self._reader.read(address, arguments, peer[0])
                self.subscribers.touch(peer[0], control)
                self._desk.perform(action)

    def _subscribe(self, arguments: list[Any], peer: Peer) -> None:
        port = _port(arguments) or peer[1]
        name = str(arguments[1])[:64] if len(arguments) > 1 else ""
        back = (peer[0], port)
        if self.subscribers.add(back, name, self._all()):
            self._send(build_msg(f"{PREFIX}/hello", ["bandmate", 1]).dgram, back)
            self._changed.set()
        else:
            self._send(build_msg(f"{PREFIX}/error", ["Too many surfaces are subscribed."]).dgram, back)

    def _all(self) -> list[str]:
        """Every control that has a value."""
        return [*self._desk.model.parameters, *self._desk.model.displays]

    def _on_change(self, control: str, _who: object) -> None:
        self.subscribers.changed(control)
        self._changed.set()

    async def _feed_back(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            for subscriber, controls in self.subscribers.due():
                for control in controls:
                    for datagram in datagrams(self._desk.model, control):
                        self._send(datagram, subscriber.peer)
            await asyncio.sleep(FEEDBACK_SECONDS)
            if self.subscribers.waiting:
                self._changed.set()

    def _send(self, datagram: bytes, peer: Peer) -> None:
        if self._transport is not None:
            self.counts["sent"] += 1
            with contextlib.suppress(OSError):
                self._transport.sendto(datagram, peer)


def _port(arguments: list[Any]) -> int | None:
    """The port that feedback goes to, if one was said. Raises UnreadableError for what is none."""
    if not arguments:
        return None
    port = arguments[0]
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65_536:
        raise UnreadableError("A port is a whole number from 1 to 65535.")
    return port
