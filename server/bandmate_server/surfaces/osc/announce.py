"""Letting the machines on the list find OSC by themselves, by zeroconf: a name and two ports, and no more."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING

import psutil

from bandmate_plugins._platform.installation import how_to_add
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.osc.query_server import query_app, query_server
from bandmate_server.surfaces.osc.settings import LOOPBACK_HOSTS, OscSettings

if TYPE_CHECKING:
    from zeroconf import ServiceInfo
    from zeroconf.asyncio import AsyncZeroconf

_log = logging.getLogger(__name__)

OSC_TYPE = "_osc._udp.local."
QUERY_TYPE = "_oscjson._tcp.local."


_LABEL_BYTES = 63
"""The longest label of a DNS name (RFC 1035, section 2.3.4)."""
_RESERVED_BYTES = 4
"""Left for the number that zeroconf appends when another machine has the name."""


def machine_name() -> str:
    """The name of this machine in its network."""
    return socket.gethostname().split(".")[0]


def dns_label(text: str) -> str:
    """A text that fits a DNS label in UTF-8, cut at a character's boundary, without control characters."""
    printable = "".join(each for each in text if each.isprintable())
    cut = printable.encode("utf-8", "ignore")[: _LABEL_BYTES - _RESERVED_BYTES]
    return cut.decode("utf-8", "ignore").strip()


@contextlib.asynccontextmanager
async def serve_and_announce(
    model: ControlModel, settings: OscSettings, osc_port: int, interfaces: Sequence[str] | None = None
) -> AsyncIterator[None]:
    """OSCQuery, and the announcement of it and of OSC. Raises RequestError (`port_busy`)."""
    name = dns_label(f"Bandmate on {machine_name()}")
    app = query_app(model, name, osc_port, settings.peers | LOOPBACK_HOSTS)
    hosts = [settings.host, settings.host_ipv6] if settings.needs_ipv6 else [settings.host]
    async with (
        query_server(app, hosts, osc_port) as query_port,
        announced_services(name, osc_port, query_port, interfaces, ipv6=settings.needs_ipv6),
    ):
        yield


@contextlib.asynccontextmanager
async def announced_services(
    name: str, osc_port: int, query_port: int, interfaces: Sequence[str] | None = None, *, ipv6: bool = False
) -> AsyncIterator[None]:
    """Announces both ports for as long as the context lasts, on the addresses in `interfaces` or on all.

    Nothing that zeroconf raises ends the server: the surfaces work without it.
    """
    try:
        infos = list(_service_infos(name, osc_port, query_port, interfaces or _own_addresses(ipv6)))
        zeroconf = _open_zeroconf(interfaces, ipv6)
    except ImportError:
        _log.warning("OSC is not announced, because zeroconf is missing. %s", how_to_add("lan"))
        yield
        return
    except Exception as error:  # noqa: BLE001 - whatever a network or a host name does to it
        _log.warning("OSC is not announced: %s", error)
        yield
        return
    # Asking whether anybody has the name takes a second, for which nobody waits.
    registering = asyncio.create_task(_register_services(zeroconf, infos), name="announce osc")
    try:
        yield
    finally:
        registering.cancel()
        await asyncio.gather(registering, return_exceptions=True)
        await _withdraw_services(zeroconf)


def _open_zeroconf(interfaces: Sequence[str] | None, ipv6: bool) -> AsyncZeroconf:
    from zeroconf import InterfaceChoice, IPVersion
    from zeroconf.asyncio import AsyncZeroconf

    return AsyncZeroconf(
        interfaces=list(interfaces) if interfaces else InterfaceChoice.All,
        ip_version=IPVersion.All if ipv6 else IPVersion.V4Only,
    )


async def _register_services(zeroconf: AsyncZeroconf, infos: Iterable[ServiceInfo]) -> None:
    for info in infos:
        try:
            await (await zeroconf.async_register_service(info, allow_name_change=True))
        except Exception as error:  # noqa: BLE001 - whatever a network does, the surfaces work without it
            _log.warning("OSC is not announced: %s", error or type(error).__name__)
            return
        _log.info("announced as %s", info.name)


async def _withdraw_services(zeroconf: AsyncZeroconf) -> None:
    try:
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()
    except Exception as error:  # noqa: BLE001 - the announcement ends on its own a little later
        _log.warning("OSC's announcement could not be withdrawn: %s", error or type(error).__name__)


def _service_infos(
    name: str, osc_port: int, query_port: int, addresses: Iterable[str]
) -> Iterator[ServiceInfo]:
    from zeroconf import ServiceInfo

    packed = [ip_address(each).packed for each in addresses]
    server = f"{dns_label(f'bandmate-{machine_name()}')}.local."
    for kind, port in ((OSC_TYPE, osc_port), (QUERY_TYPE, query_port)):
        yield ServiceInfo(
            kind, f"{name}.{kind}", port=port, addresses=packed, properties={"txtvers": "1"}, server=server
        )


def _own_addresses(ipv6: bool) -> list[str]:
    """The addresses of this machine in its networks."""
    families = (socket.AF_INET, socket.AF_INET6) if ipv6 else (socket.AF_INET,)
    found = [each for adapter in psutil.net_if_addrs().values() for each in adapter]
    ours = [each.address.partition("%")[0] for each in found if each.family in families]
    return [address for address in ours if not ip_address(address).is_loopback]
