"""The UDP sockets of OSC: one for IPv4, one for IPv6 where this machine has it, on the same port."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Any

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.port_holder import taken_by_text
from bandmate_server.surfaces.osc.settings import OscSettings
from bandmate_server.surfaces.osc.subscribers import Peer

_log = logging.getLogger(__name__)

_MAX_TRIES = 20
"""A free port of one family may be taken in the other."""

DatagramHandler = Callable[[bytes, Peer], None]


class UdpEndpoints:
    """Open sockets; each datagram goes to `received` with its sender."""

    def __init__(self, received: DatagramHandler) -> None:
        self._received = received
        self._transports: dict[socket.AddressFamily, asyncio.DatagramTransport] = {}

    async def open(self, settings: OscSettings) -> int:
        """Listens; returns the port.

        Raises RequestError: `port_busy`, and `bad_params` when the settings name an IPv6 address on a machine
        without IPv6.
        """
        port, sockets = _bind_sockets(settings)
        loop = asyncio.get_running_loop()
        for family, bound in sockets.items():
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _DatagramReceiver(self._received), sock=bound
            )
            self._transports[family] = transport
        return port

    def send(self, datagram: bytes, peer: Peer) -> bool:
        """Sends a datagram if there is a socket of the peer's family; returns whether there is one."""
        transport = self._transports.get(_address_family(peer[0]))
        if transport is None:
            return False
        # An interface that is gone, for one; whoever listens there asks again.
        with contextlib.suppress(OSError):
            transport.sendto(datagram, _socket_address(peer))
        return True

    def close(self) -> None:
        """Frees the port."""
        for transport in self._transports.values():
            transport.close()
        self._transports.clear()


class _DatagramReceiver(asyncio.DatagramProtocol):
    def __init__(self, received: DatagramHandler) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._received(data, _peer_of(addr))

    def error_received(self, exc: Exception) -> None:
        """A subscriber's port is closed: its lease ends on its own."""
        _log.debug("osc: %s", exc)


def _bind_sockets(settings: OscSettings) -> tuple[int, dict[socket.AddressFamily, socket.socket]]:
    """A port, and the sockets bound to it."""
    for _ in range(_MAX_TRIES):
        ipv4 = _bind_socket(socket.AF_INET, settings.host, settings.port)
        port: int = ipv4.getsockname()[1]
        try:
            ipv6 = _bind_ipv6(settings, port)
        except BaseException:
            ipv4.close()
            raise
        if ipv6 is not None:
            return port, {socket.AF_INET: ipv4, socket.AF_INET6: ipv6}
        if settings.port or not settings.needs_ipv6:
            return port, {socket.AF_INET: ipv4}
        ipv4.close()
    raise _port_busy_error(settings.port, "no port is free in both IPv4 and IPv6")


def _bind_ipv6(settings: OscSettings, port: int) -> socket.socket | None:
    """The second socket. None when it is not to be had and not needed, or when a free port is taken there."""
    try:
        return _bind_socket(socket.AF_INET6, settings.host_ipv6, port)
    except RequestError:
        if settings.needs_ipv6 and settings.port:
            raise
        return None
    except OSError as error:
        if not settings.needs_ipv6:
            return None
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "osc_peers or osc_feedback names an IPv6 address, but this machine has no IPv6 ({strerror}).",
                strerror=error.strerror,
            ),
            "Use IPv4 addresses, such as 192.168.1.20, or enable IPv6.",
        ) from error


def _bind_socket(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    """Raises RequestError (`port_busy`), and OSError where there is no IPv6."""
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        if family == socket.AF_INET6:
            # IPv4 has a socket of its own; without this, one of the two could not be bound.
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        if family == socket.AF_INET6 and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise
        holder = taken_by_text(port, "udp") if error.errno == errno.EADDRINUSE else ""
        reason = f"the port is in use{holder}" if holder else error.strerror or str(error)
        raise _port_busy_error(port, reason) from error
    return made


def _port_busy_error(port: int, reason: str) -> RequestError:
    return RequestError(
        ErrorCode.PORT_BUSY,
        say("OSC cannot listen on port {port}: {reason}.", port=port, reason=reason),
        "`bandmate serve --osc --osc-port 0` takes a free one.",
    )


def _address_family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _peer_of(address: Sequence[Any]) -> Peer:
    """The sender as a host, which for link-local IPv6 ends with the number of its interface, and a port."""
    host, zone = str(address[0]).partition("%")[0], address[3] if len(address) > 2 else 0
    return (f"{host}%{zone}" if zone else host), int(address[1])


def _socket_address(peer: Peer) -> tuple[Any, ...]:
    host, _, zone = peer[0].partition("%")
    return (host, peer[1], 0, int(zone)) if zone else (host, peer[1])
