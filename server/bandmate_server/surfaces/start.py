"""Starts the surfaces that the settings ask for, once the catalogue is known, and stops them in order."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from bandmate_server.services import Services
from bandmate_server.surfaces.control.controller import SurfaceController
from bandmate_server.surfaces.control.model import ControlModel

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def run_surfaces(services: Services) -> AsyncIterator[None]:
    """Surfaces for as long as the context lasts; none without a setting for one.

    Raises RequestError (`port_busy`, `bad_params`) when OSC cannot listen.
    """
    settings = services.settings
    if not (settings.osc or settings.midi):
        yield
        return
    plugins = await services.catalogue.plugins()
    desk = SurfaceController(
        ControlModel.from_plugins(plugins), services.focus, services.desk, services.slots
    )
    desk.start()
    async with contextlib.AsyncExitStack() as started:
        started.push_async_callback(desk.stop)
        if settings.osc:
            await _start_osc(desk, services, started)
        if settings.midi:
            await _start_midi(desk, started)
        yield


# The faces are imported here, so that a server without surfaces starts without them.
async def _start_osc(desk: SurfaceController, services: Services, started: contextlib.AsyncExitStack) -> None:
    from bandmate_server.surfaces.osc import OscServer, osc_settings

    settings = osc_settings(services.settings)
    osc = OscServer(desk, settings, counts=services.metrics.osc)
    started.push_async_callback(osc.stop)
    port = await osc.start()
    _log.info("OSC listens on UDP port %s", port)
    if settings.announce:
        from bandmate_server.surfaces.osc.announce import serve_and_announce

        await started.enter_async_context(serve_and_announce(desk.model, settings, port))


async def _start_midi(desk: SurfaceController, started: contextlib.AsyncExitStack) -> None:
    from bandmate_server.surfaces.midi.face import MidiFace
    from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER, MapLibrary, user_map_folder
    from bandmate_server.surfaces.midi.ports import SystemPorts

    def complain(sentence: str) -> None:
        _log.warning("%s", sentence)
        desk.model.set_display("error", sentence)

    face = MidiFace(
        desk, SystemPorts(), MapLibrary(desk.model, [user_map_folder(), BUNDLED_FOLDER], complain)
    )
    started.push_async_callback(face.stop)
    await face.start()
