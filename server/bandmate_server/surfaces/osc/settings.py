"""Where OSC listens, whom it listens to, and who is always told: the settings, checked."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.config import Settings
from bandmate_server.surfaces.osc.subscribers import Peer

LOOPBACK = "127.0.0.1"
LOOPBACK_IPV6 = "::1"
LOOPBACK_HOSTS = frozenset({LOOPBACK, LOOPBACK_IPV6})
_ALL_IPV4 = "0.0.0.0"  # noqa: S104 - only with other machines on the list
_ALL_IPV6 = "::"


@dataclass(frozen=True)
class OscSettings:
    """Where to listen, and whom to listen to beside this machine."""

    host: str = LOOPBACK
    """The IPv4 address to listen on."""
    host_ipv6: str = LOOPBACK_IPV6
    port: int = 7894
    peers: frozenset[str] = frozenset()
    """Addresses of other machines that may send."""
    feedback: tuple[Peer, ...] = ()
    """Who is told without having subscribed."""
    announce: bool = False
    """Whether the machines on the list are to find it by themselves."""
    rotary_centre: float = 0.0
    """What a knob without an end sends when it stands still."""

    @property
    def needs_ipv6(self) -> bool:
        """Whether the settings name an IPv6 address."""
        return any(_is_ipv6(host) for host in (*self.peers, *(peer[0] for peer in self.feedback)))


def osc_settings(settings: Settings) -> OscSettings:
    """Those of the server. Raises RequestError (`bad_params`) for what is no address."""
    peers = frozenset(_parse_peer(written) for written in settings.osc_peers)
    feedback = tuple(_parse_feedback(written, peers) for written in settings.osc_feedback)
    if settings.osc_announce and not peers:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "The setting osc_announce is for other machines, but osc_peers is empty.",
            'Add them, such as osc_peers = ["192.168.1.20"], or remove osc_announce.',
        )
    return OscSettings(
        host=LOOPBACK if all(map(_is_ipv6, peers)) else _ALL_IPV4,
        host_ipv6=_ALL_IPV6 if any(map(_is_ipv6, peers)) else LOOPBACK_IPV6,
        port=settings.osc_port,
        peers=peers,
        feedback=feedback,
        announce=settings.osc_announce,
        rotary_centre=settings.osc_rotary_centre,
    )


def _is_ipv6(host: str) -> bool:
    return ":" in host


def _parse_peer(written: str) -> str:
    try:
        return _normalise_host(written.strip("[]"), "osc_peers")
    except ValueError as error:
        raise _setting_error("osc_peers", f"{written} is not an address.", "192.168.1.20") from error


def _parse_feedback(written: str, peers: Iterable[str]) -> Peer:
    host, _, port = written.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise _setting_error("osc_feedback", f"{written} has no port.", "127.0.0.1:9000")
    if _is_ipv6(host) and not bracketed:
        # In ::1:9000 the last number may be the port, or the end of the address.
        raise _setting_error("osc_feedback", f"{written} does not separate address and port.", "[::1]:9000")
    try:
        host = _normalise_host(host.strip("[]") or LOOPBACK, "osc_feedback")
    except ValueError as error:
        raise _setting_error(
            "osc_feedback", f"{written} does not start with an address.", "127.0.0.1:9000"
        ) from error
    if host not in LOOPBACK_HOSTS and host not in peers:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("The setting osc_feedback names {host}, which is not in osc_peers.", host=host),
            say('To allow that machine, add it there: osc_peers = ["{host}"].', host=host),
        )
    return host, int(port)


def _normalise_host(written: str, setting: str) -> str:
    """An address as the system reports it; a link-local one ends with the number of its interface.

    Raises ValueError for what is no address, RequestError (`bad_params`) for an interface that is not here.
    """
    found = ip_address(written)
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    host, _, zone = str(found).partition("%")
    if not zone:
        return host
    try:
        return f"{host}%{zone if zone.isdigit() else socket.if_nametoindex(zone)}"
    except OSError as error:
        raise _setting_error(
            setting, f"this machine has no interface {zone} ({written}).", "fe80::1%eth0"
        ) from error


def _setting_error(name: str, sentence: str, example: str) -> RequestError:
    return RequestError(
        ErrorCode.BAD_PARAMS,
        say("The setting {name} is wrong: {sentence}", name=name, sentence=sentence),
        say('Write it like "{example}".', example=example),
    )
