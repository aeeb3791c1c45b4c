"""Starts the surfaces that the settings ask for, once the catalogue is known, and stops them in order."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from bandmate_server.control.desk import ControlDesk
from bandmate_server.control.model import ControlModel
from bandmate_server.sessions.services import Services

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def surfaces(services: Services) -> AsyncIterator[None]:
    """Surfaces for as long as the context lasts; none without a setting for one.

    Raises RequestError (`port_busy`) when OSC cannot listen.
    """
    settings = services.settings
    if not settings.osc:
        yield
        return
    # Imported here, so that a server without surfaces starts without them.
    from bandmate_server.osc import OscServer, OscSettings

    plugins = await services.catalogue.plugins()
    desk = ControlDesk(ControlModel(plugins.tasks), services.focus, services.desk, services.slots)
    desk.start()
    peers = frozenset(settings.osc_peers)
    host = "0.0.0.0" if peers else "127.0.0.1"  # noqa: S104 - only with other machines on the list
    osc = OscServer(desk, OscSettings(host, settings.osc_port, peers))
    try:
        _log.info("OSC listens on UDP port %s", await osc.start())
        yield
    finally:
        await osc.stop()
        await desk.stop()
