"""Starts the surfaces that the settings ask for, once the catalogue is known, stops them in order, and starts them
again when a setting changes.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bandmate_server.config import Settings
from bandmate_server.services import Services
from bandmate_server.surfaces.control.controller import SurfaceController
from bandmate_server.surfaces.control.model import ControlModel

if TYPE_CHECKING:
    from bandmate_server.surfaces.midi.face import MidiFace
    from bandmate_server.surfaces.osc import OscServer

_log = logging.getLogger(__name__)

_SETTINGS = ("osc", "osc_port", "osc_rotary_centre", "midi")
"""Surfaces start again when one of these changes."""


@dataclass
class RunningSurfaces:
    """The surfaces that run now."""

    osc: OscServer | None = None
    osc_port: int = 0
    midi: MidiFace | None = None


class SurfaceRunner:
    """Runs surfaces by the settings in force."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.running = RunningSurfaces()
        self._started = contextlib.AsyncExitStack()

    async def start(self, settings: Settings) -> None:
        """Starts what the settings ask for; nothing runs when it raises.

        Raises RequestError (`port_busy`, `bad_params`) when OSC cannot listen.
        """
        if not (settings.osc or settings.midi):
            return
        services = self._services
        plugins = await services.catalogue.plugins()
        desk = SurfaceController(
            ControlModel.from_plugins(plugins), services.focus, services.desk, services.slots
        )
        running = RunningSurfaces()
        desk.start()
        async with contextlib.AsyncExitStack() as started:
            started.push_async_callback(desk.stop)
            if settings.osc:
                running.osc, running.osc_port = await self._start_osc(desk, settings, started)
            if settings.midi:
                running.midi = await self._start_midi(desk, started)
            self.running, self._started = running, started.pop_all()

    async def stop(self) -> None:
        """Stops what runs."""
        self.running = RunningSurfaces()
        await self._started.aclose()
        self._started = contextlib.AsyncExitStack()

    async def apply_change(self, before: Settings, after: Settings) -> None:
        """Starts the surfaces again if that matters to them. Raises RequestError as `start` does."""
        if any(getattr(before, name) != getattr(after, name) for name in _SETTINGS):
            await self.stop()
            await self.start(after)

    # The faces are imported here, so that a server without surfaces starts without them.
    async def _start_osc(
        self, desk: SurfaceController, settings: Settings, started: contextlib.AsyncExitStack
    ) -> tuple[OscServer, int]:
        from bandmate_server.surfaces.osc import OscServer, osc_settings

        wanted = osc_settings(settings)
        osc = OscServer(desk, wanted, counts=self._services.metrics.osc)
        started.push_async_callback(osc.stop)
        port = await osc.start()
        _log.info("OSC listens on UDP port %s", port)
        if wanted.announce:
            from bandmate_server.surfaces.osc.announce import serve_and_announce

            await started.enter_async_context(serve_and_announce(desk.model, wanted, port))
        return osc, port

    async def _start_midi(self, desk: SurfaceController, started: contextlib.AsyncExitStack) -> MidiFace:
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
        return face


@contextlib.asynccontextmanager
async def run_surfaces(runner: SurfaceRunner, settings: Settings) -> AsyncIterator[None]:
    """Surfaces for as long as the context lasts. Raises RequestError as `SurfaceRunner.start` does."""
    await runner.start(settings)
    try:
        yield
    finally:
        await runner.stop()
