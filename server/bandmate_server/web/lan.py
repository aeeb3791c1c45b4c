"""The addresses by which other machines on the network reach this server."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

_EVERYWHERE = {"0.0.0.0": socket.AF_INET, "::": socket.AF_INET6}  # noqa: S104 - what it listens on, not a choice
_FAR_AWAY = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Reserved for documentation (RFC 5737, RFC 3849). Nothing is sent there."""


def lan_addresses(host: str) -> list[str]:
    """Addresses of this machine that a server on `host` answers to, the likeliest first; none on loopback alone."""
    family = _EVERYWHERE.get(host)
    if family is None:
        return [host] if _is_reachable(host) else []
    usual = _outgoing_address(family)
    return sorted(
        _interface_addresses(family), key=lambda each: (each != usual, not ip_address(each).is_private)
    )


def _interface_addresses(family: socket.AddressFamily) -> list[str]:
    # Here, so that a server starts without it.
    import psutil

    states = psutil.net_if_stats()
    found = [
        address.address
        for name, addresses in psutil.net_if_addrs().items()
        if name in states and states[name].isup
        for address in addresses
        if address.family == family
    ]
    return [each for each in dict.fromkeys(found) if _is_reachable(each)]


def _is_reachable(host: str) -> bool:
    """Whether an address can be typed on another machine; a link-local one needs an interface beside it."""
    try:
        found: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        return host != "localhost"
    return not (found.is_loopback or found.is_link_local)


def _outgoing_address(family: socket.AddressFamily) -> str:
    """The address that this machine would send from; empty without a network."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_FAR_AWAY[family], 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])
