"""The UDP endpoint: datagrams in, feedback out, thirty times a second at most."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from pythonosc.osc_message_builder import build_msg

from bandmate_protocol.texts import say
from bandmate_server.surfaces.control.controller import SurfaceController
from bandmate_server.surfaces.osc.addresses import ADDRESS_PREFIX, display_path
from bandmate_server.surfaces.osc.endpoints import UdpEndpoints
from bandmate_server.surfaces.osc.inbox import DatagramInbox
from bandmate_server.surfaces.osc.packet import (
    Impulse,
    MalformedPacketError,
    OscArgument,
    OscMessage,
    read_packet,
)
from bandmate_server.surfaces.osc.reading import OscTranslator, UnreadableMessageError, describe_argument
from bandmate_server.surfaces.osc.settings import LOOPBACK_HOSTS, OscSettings
from bandmate_server.surfaces.osc.subscribers import Peer, SubscriberList
from bandmate_server.surfaces.osc.writing import control_datagrams

_log = logging.getLogger(__name__)

FEEDBACK_SECONDS = 1 / 30
_LOOK_SECONDS = 0.004
_MAX_DATAGRAM_BYTES = 8192


class OscServer:
    """Speaks OSC for a control desk."""

    def __init__(
        self,
        desk: SurfaceController,
        settings: OscSettings,
        clock: Callable[[], float] = time.monotonic,
        counts: Counter[str] | None = None,
    ) -> None:
        self._desk = desk
        self._settings = settings
        self._allowed = settings.peers | LOOPBACK_HOSTS
        self._reader = OscTranslator(desk.model, clock, settings.rotary_centre)
        self.subscribers = SubscriberList(clock)
        self.inbox = DatagramInbox(display_path(trigger) for trigger in desk.model.triggers)
        self.counts: Counter[str] = Counter() if counts is None else counts
        """Datagrams taken, `denied`, `malformed`, `unknown`; feedback `sent`."""
        self._endpoints = UdpEndpoints(self._receive_datagram)
        self._arrived = asyncio.Event()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._said: set[str] = set()

    async def start(self) -> int:
        """Listens; returns the port. Raises RequestError (`port_busy`, `bad_params`)."""
        port = await self._endpoints.open(self._settings)
        self._desk.model.add_listener(self._on_change)
        for peer in self._settings.feedback:
            self.subscribers.add_permanent(peer, self._all_controls())
            self._changed.set()
        self._tasks = [
            asyncio.create_task(self._read_all(), name="osc in"),
            asyncio.create_task(self._send_feedback(), name="osc out"),
        ]
        return port

    async def stop(self) -> None:
        """Closes the port."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._endpoints.close()

    def _receive_datagram(self, data: bytes, peer: Peer) -> None:
        """Takes a datagram; it is read a little later, and of a turned control only the newest."""
        if self._allowed.isdisjoint((peer[0], peer[0].partition("%")[0])):
            self._count_denied(peer)
        elif len(data) > _MAX_DATAGRAM_BYTES:
            self.counts["malformed"] += 1
        else:
            self.counts["taken"] += 1
            self.inbox.put(data, peer)
            self._arrived.set()

    def _count_denied(self, peer: Peer) -> None:
        self.counts["denied"] += 1
        if peer[0] not in self._said and len(self._said) < 64:
            self._said.add(peer[0])
            _log.warning("OSC from %s is not allowed and is discarded", peer[0])

    async def _read_all(self) -> None:
        while True:
            await self._arrived.wait()
            # Let a little gather, so that a flood costs one reading for many datagrams.
            await asyncio.sleep(_LOOK_SECONDS)
            self._arrived.clear()
            for data, peer in self.inbox.take_all():
                try:
                    self._read_datagram(data, peer)
                except Exception:  # noqa: BLE001 - one message's fault must not end the others
                    _log.exception("an OSC message could not be processed")

    def _read_datagram(self, data: bytes, peer: Peer) -> None:
        try:
            received = read_packet(data)
        except MalformedPacketError as error:
            self.counts["malformed"] += 1
            self._show_error(error)
            return
        for message in received:
            try:
                self._apply_message(message, peer)
            except UnreadableMessageError as error:
                self.counts["unknown"] += 1
                self._show_error(error)

    def _show_error(self, error: Exception) -> None:
        self._desk.model.set_display("error", str(error)[:200])

    def _apply_message(self, message: OscMessage, peer: Peer) -> None:
        address, arguments = message.address, message.arguments
        match address.removeprefix(f"{ADDRESS_PREFIX}/"):
            case "subscribe":
                self._add_subscriber(arguments, peer)
            case "unsubscribe":
                self.subscribers.remove_host(peer[0], _feedback_port(arguments))
            case "ping":
                self.subscribers.renew_leases(peer[0], _feedback_port(arguments))
                self._send_datagram(build_msg(f"{ADDRESS_PREFIX}/pong").dgram, peer)
            case "refresh":
                self.subscribers.refresh_host(peer[0], self._all_controls())
                self._changed.set()
            case "target":
                self._desk.choose_project(_leading_text(arguments[:1]))
            case _:
                control, action = self._reader.apply_message(address, arguments, peer[0])
                self.subscribers.note_touch(peer[0], control)
                self._desk.perform_action(action)

    def _add_subscriber(self, arguments: Sequence[OscArgument], peer: Peer) -> None:
        port = _feedback_port(arguments) or peer[1]
        name = _leading_text(arguments[1:2])[:64]
        back = (peer[0], port)
        if self.subscribers.add(back, name, self._all_controls()):
            self._send_datagram(build_msg(f"{ADDRESS_PREFIX}/hello", ["bandmate", 1]).dgram, back)
            self._changed.set()
        else:
            self._send_datagram(
                build_msg(f"{ADDRESS_PREFIX}/error", ["Too many surfaces are subscribed."]).dgram, back
            )

    def _all_controls(self) -> list[str]:
        """Every control that has a value."""
        return [*self._desk.model.parameters, *self._desk.model.displays]

    def _on_change(self, control: str, _who: object) -> None:
        self.subscribers.mark_changed(control)
        self._changed.set()

    async def _send_feedback(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            for subscriber, controls in self.subscribers.due_controls():
                for control in controls:
                    for datagram in control_datagrams(self._desk.model, control):
                        self._send_datagram(datagram, subscriber.peer)
            await asyncio.sleep(FEEDBACK_SECONDS)
            if self.subscribers.has_pending:
                self._changed.set()

    def _send_datagram(self, datagram: bytes, peer: Peer) -> None:
        if self._endpoints.send(datagram, peer):
            self.counts["sent"] += 1


def _feedback_port(arguments: Sequence[OscArgument]) -> int | None:
    """The port for feedback, if the message names one. Raises UnreadableError for anything else.

    Clients without integers send it as a float. A button sends 1: no surface listens on that port.
    """
    port = arguments[0] if arguments else Impulse.BANG
    if port is Impulse.BANG or port == 1:
        return None
    if isinstance(port, int | float) and 0 < port < 65_536 and port == int(port):
        return int(port)
    raise UnreadableMessageError("A port must be a whole number from 1 to 65535.")


def _leading_text(arguments: Sequence[OscArgument]) -> str:
    """The text in front, or nothing. Raises UnreadableError for another type."""
    found = arguments[0] if arguments else ""
    if isinstance(found, str):
        return found
    raise UnreadableMessageError(
        say("Expected text, not {describe_argument}.", describe_argument=describe_argument(found))
    )
