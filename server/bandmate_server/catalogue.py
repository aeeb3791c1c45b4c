"""The catalogue: read in a child process while the server starts, awaited by whoever needs it."""

from __future__ import annotations

import asyncio

from bandmate_plugins._host.loading import PluginCatalogue, read_catalogue, read_readiness
from bandmate_plugins._host.loading.found import file_stamps
from bandmate_plugins._models.pins import pins_file
from bandmate_protocol.messages import Catalogue


class CatalogueHolder:
    """Reads the catalogue without holding up the start, and again after a model has come or gone."""

    def __init__(self) -> None:
        self._reading: asyncio.Task[PluginCatalogue] | None = None
        self._seen: dict[str, tuple[int, int]] = {}

    def start(self) -> None:
        """Begins to read."""
        self._seen = _pull_stamps()
        self._reading = asyncio.create_task(asyncio.to_thread(_read_plugins), name="catalogue")

    async def stop(self) -> None:
        """Waits for a reading that still goes on; its child process ends by itself."""
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)

    async def plugins(self) -> PluginCatalogue:
        """What is installed. One that failed, as on a full disk, is read again when it is asked for."""
        assert self._reading is not None, "start was called"
        if self._reading.done() and (self._reading.exception() is not None or _pull_stamps() != self._seen):
            self.start()
        return await asyncio.shield(self._reading)

    async def catalogue_message(self, request: str) -> Catalogue:
        """The answer to `describe`."""
        plugins = await self.plugins()
        engines = tuple(record.info for record in plugins.engines)
        return Catalogue(request=request, tasks=plugins.tasks, engines=engines, plugins=plugins.plugins)


def _pull_stamps() -> dict[str, tuple[int, int]]:
    """Changes whenever a model is pulled or removed, by this server or from the command line."""
    return file_stamps([str(pins_file())])


def _read_plugins() -> PluginCatalogue:
    """The catalogue may be cached; whether weights are on the disk is looked at anew."""
    return read_readiness(read_catalogue())
