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

from bandmate_server.control.model import ControlModel
from bandmate_server.osc.query_server import query_app, query_server
from bandmate_server.osc.settings import HERE, OscSettings

if TYPE_CHECKING:
    from zeroconf import ServiceInfo
    from zeroconf.asyncio import AsyncZeroconf

_log = logging.getLogger(__name__)

OSC_TYPE = "_osc._udp.local."
QUERY_TYPE = "_oscjson._tcp.local."


def machine_name() -> str:
    """Of this machine in its network."""
    return socket.gethostname().split(".")[0]


@contextlib.asynccontextmanager
async def on_the_network(
    model: ControlModel, settings: OscSettings, osc_port: int, interfaces: Sequence[str] | None = None
) -> AsyncIterator[None]:
    """OSCQuery, and the announcement of it and of OSC. Raises RequestError (`port_busy`)."""
    name = f"Bandmate on {machine_name()}"
    app = query_app(model, name, osc_port, settings.peers | HERE)
    async with (
        query_server(app, settings.host, osc_port) as query_port,
        announced(name, osc_port, query_port, interfaces),
    ):
        yield


@contextlib.asynccontextmanager
async def announced(
    name: str, osc_port: int, query_port: int, interfaces: Sequence[str] | None = None
) -> AsyncIterator[None]:
    """Announces both ports for as long as the context lasts, on the addresses in `interfaces` or on all."""
    try:
        from zeroconf import InterfaceChoice
        from zeroconf.asyncio import AsyncZeroconf

        zeroconf = AsyncZeroconf(interfaces=list(interfaces) if interfaces else InterfaceChoice.All)
    except ImportError:
        _log.warning('OSC is not announced: zeroconf is missing, `pip install "bandmate[lan]"` brings it')
        yield
        return
    except OSError as error:
        _log.warning("OSC is not announced: %s", error)
        yield
        return
    infos = list(_infos(name, osc_port, query_port, interfaces or _addresses()))
    # Asking whether anybody has the name takes a second, for which nobody waits.
    registering = asyncio.create_task(_register(zeroconf, infos), name="announce osc")
    try:
        yield
    finally:
        registering.cancel()
        await asyncio.gather(registering, return_exceptions=True)
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()


async def _register(zeroconf: AsyncZeroconf, infos: Iterable[ServiceInfo]) -> None:
    for info in infos:
        try:
            await (await zeroconf.async_register_service(info, allow_name_change=True))
        except Exception:  # noqa: BLE001 - whatever a network does, the surfaces work without it
            _log.exception("OSC is not announced")
            return
        _log.info("announced as %s", info.name)


def _infos(name: str, osc_port: int, query_port: int, addresses: Iterable[str]) -> Iterator[ServiceInfo]:
    from zeroconf import ServiceInfo

    packed = [ip_address(each).packed for each in addresses]
    server = f"bandmate-{machine_name()}.local."
    for kind, port in ((OSC_TYPE, osc_port), (QUERY_TYPE, query_port)):
        yield ServiceInfo(
            kind, f"{name}.{kind}", port=port, addresses=packed, properties={"txtvers": "1"}, server=server
        )


def _addresses() -> list[str]:
    """Of this machine in its networks."""
    found = [each for adapter in psutil.net_if_addrs().values() for each in adapter]
    ours = [each.address for each in found if each.family == socket.AF_INET]
    return [address for address in ours if not ip_address(address).is_loopback]
