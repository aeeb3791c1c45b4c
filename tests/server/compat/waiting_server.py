"""A server in this process whose jobs all wait: its desk is real and never begins to run them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from bandmate_plugins._platform import home
from bandmate_server.audio import BlobStore, UploadStore
from bandmate_server.catalogue import CatalogueHolder
from bandmate_server.compat import APIS
from bandmate_server.compat.access import CompatAccess
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.background import BackgroundWork
from bandmate_server.compat.serving import build_compat_app
from bandmate_server.config import Settings
from bandmate_server.focus import FocusBoard
from bandmate_server.idle import IdleWatch
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.dropping import JobDropper
from bandmate_server.jobs.executor import LocalExecutor
from bandmate_server.jobs.queue import JobQueue
from bandmate_server.live_settings import LiveSettings
from bandmate_server.metrics import Metrics
from bandmate_server.services import Services
from bandmate_server.slots import SlotStore

PORT = 8001
MOST_TURNS = 10_000
"""No work here takes so many turns of the loop."""


class _InPlace(ThreadPoolExecutor):
    """Does what threads do at once, so that work takes the same turns of the loop each time."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*args, **named))
        except BaseException as error:  # noqa: BLE001 - whoever waits for it sees it
            done.set_exception(error)
        return done


class WaitingServer:
    def __init__(self, data: Path) -> None:
        store = JobStore(data / "jobs.sqlite")
        shelf = BlobStore(data / "audio", store.checked)
        settings = Settings(data=data, jobs_per_client=100_000, jobs_in_all=100_000)
        executor = LocalExecutor(settings, store, shelf)
        self.services = Services(
            live_settings=LiveSettings(settings),
            store=store,
            shelf=shelf,
            uploads=UploadStore(shelf, data / "uploads", 1 << 30),
            desk=JobQueue(store, executor, data / "spool", Metrics()),
            catalogue=CatalogueHolder(),
            focus=FocusBoard(),
            slots=SlotStore(data / "slots.json"),
            metrics=Metrics(),
            dropper=JobDropper(store, shelf, data / "spool"),
        )
        self.background = BackgroundWork()
        self.watch = IdleWatch(None, self.services.desk)
        access = CompatAccess("token", False, frozenset(), frozenset(), ())
        self.context = CompatContext(self.services, self.watch, access, self.background)

    async def start(self) -> None:
        asyncio.get_running_loop().set_default_executor(_InPlace(1))
        self.services.catalogue.start()
        await self.services.catalogue.plugins()

    async def stop(self) -> None:
        await self.background.stop()
        await self.services.desk.stop()
        await self.services.uploads.close()
        await self.services.shelf.close()
        self.services.store.close()

    def app(self, setting: str) -> ASGIApp:
        (api,) = (each for each in APIS if each.setting == setting)
        return build_compat_app(api, self.services, self.watch, self.background, PORT)

    @property
    def active(self) -> int:
        """How many jobs wait or run."""
        return self.services.store.count_active()

    async def end_at_each_turn(
        self,
        begin: Callable[[], Coroutine[Any, Any, None]],
        end: Callable[[asyncio.Task[None]], Any],
        jobs: int,
    ) -> None:
        """Begins work again and again, and ends it one turn of the loop later each time, until all its jobs wait.

        Each time it has to leave no job that waits.
        """
        for turns in range(MOST_TURNS):
            work = asyncio.create_task(begin())
            for _ in range(turns):
                await asyncio.sleep(0)
            are_all_here = self.active == jobs
            end(work)
            await asyncio.gather(work, *self.background._running, return_exceptions=True)
            assert self.active == 0, f"{self.active} jobs are left of what ended after {turns} turns"
            if are_all_here:
                return
        raise AssertionError(f"the {jobs} jobs never waited")


class Visit:
    """One request, as the HTTP server hands it on; its client stays until `leave`."""

    def __init__(self, app: ASGIApp, path: str, body: dict[str, Any]) -> None:
        self.app = app
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [
                (b"host", f"127.0.0.1:{PORT}".encode()),
                (b"authorization", b"Bearer " + home.server_token().encode()),
                (b"content-type", b"application/json"),
            ],
        }
        self._body = [json.dumps(body).encode()]
        self._gone = asyncio.Event()

    async def run(self) -> None:
        await self.app(self.scope, self._receive, self._send)

    def leave(self) -> None:
        self._gone.set()

    async def _receive(self) -> dict[str, Any]:
        if self._body:
            return {"type": "http.request", "body": self._body.pop(), "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        """Nobody looks at it."""
