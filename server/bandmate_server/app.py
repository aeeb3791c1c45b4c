"""The server from start to stop. `serve` reads as its table of contents."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial

import uvicorn

from bandmate_plugins._platform import home
from bandmate_plugins._platform.environment import server_settings
from bandmate_plugins._platform.folders import usable_folder
from bandmate_plugins._platform.private import UMASK
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.version import __version__
from bandmate_server.audio import BlobStore, UploadStore
from bandmate_server.audio.recheck import recheck_recent_blobs
from bandmate_server.catalogue import CatalogueHolder
from bandmate_server.checkup import Checkup
from bandmate_server.compat import compat_sockets, serve_compat_apis
from bandmate_server.config import DATA_SETTING, Settings
from bandmate_server.idle import IdleWatch
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.dropping import JobDropper
from bandmate_server.jobs.executor import build_executor
from bandmate_server.jobs.queue import JobQueue
from bandmate_server.listening import listening_socket
from bandmate_server.live_settings import LiveSettings
from bandmate_server.log_limits import REPEAT_REPORT_SECONDS, RepeatLimit
from bandmate_server.logs import console_bytes, keep_console_small, start_logs, stop_logs
from bandmate_server.metrics import Metrics
from bandmate_server.notices import Notices
from bandmate_server.privacy import close_folders
from bandmate_server.rest import rest_routes
from bandmate_server.restart import RestartSwitch
from bandmate_server.retention_guard import build_sweeper, guard_audio
from bandmate_server.sessions import FocusBoard, Services
from bandmate_server.single_instance import hold_data_folder
from bandmate_server.surfaces.control import SlotStore
from bandmate_server.surfaces.directory import SurfaceDirectory
from bandmate_server.surfaces.start import SurfaceRunner, run_surfaces
from bandmate_server.web import build_app
from bandmate_server.web.guard import AccessRules, join_netloc
from bandmate_server.web.http_server import MainServer, http_config, serve_until_stopped
from bandmate_server.web.sign_in import SignIns

_log = logging.getLogger(__name__)

_SWEEP_SECONDS = 300.0
_FRAME_MEMORY_BYTES = 8 << 20
"""More than the frames that are built and freed at one time while audio streams."""


async def run_server(
    settings: Settings,
    on_ready: Callable[[int], None] | None = None,
    options: Mapping[str, object] | None = None,
    restart: RestartSwitch | None = None,
) -> None:
    """Runs a server until it is told to stop; `on_ready` is called with its port.

    `options` are the settings that the command line gave, which nothing else may change. With `restart`, clients may
    ask for another start, which is the caller's to make.

    Raises RequestError (`port_busy`, `not_allowed`) when it cannot listen, or another server is at work here.
    """
    _keep_memory_for_frames()
    with contextlib.ExitStack() as stack:
        stack.callback(os.umask, os.umask(UMASK))
        closed = close_folders(settings)
        with usable_folder(home.state_dir(), "BANDMATE_HOME"):
            file = home.state_dir() / "log" / "server.log"
            logs = start_logs(settings.log_level, file, console=not _is_launched(settings))
        stack.callback(stop_logs, logs)
        repeats = RepeatLimit()
        stack.callback(repeats.close)
        for sentence in closed:
            _log.warning("%s", sentence)
        with usable_folder(settings.data, DATA_SETTING):
            stack.enter_context(hold_data_folder(settings))
        listener = stack.enter_context(_listening_socket(settings))
        port = listener.getsockname()[1]
        api_sockets = stack.enter_context(compat_sockets(settings))
        async with _running_services(LiveSettings(settings, options)) as services:
            watch = IdleWatch(settings.idle_exit_seconds, services.desk)
            runner = SurfaceRunner(services)
            services.live_settings.add_applier(runner.apply_change)
            services.live_settings.add_guard(partial(guard_audio, services))
            surfaces = SurfaceDirectory(services, runner)
            services = dataclasses.replace(services, surfaces=surfaces, restart=restart)
            server = _http_server(services, watch, settings, port)
            if restart is not None:
                restart.end_server = partial(setattr, server, "should_exit", True)
            async with (
                _background_tasks(services, watch, server, repeats),
                run_surfaces(runner, settings),
                serve_compat_apis(api_sockets, services, watch),
            ):
                await serve_until_stopped(
                    server, listener, lambda: _announce_ready(settings, port, api_sockets, on_ready)
                )
        # While the folder is still held: whoever takes it next writes its own.
        home.clear_running(os.getpid())


def _is_launched(settings: Settings) -> bool:
    """Whether a command started this server, whose console is then a file that nobody rotates."""
    return settings.on_demand and console_bytes() is not None


def _keep_memory_for_frames() -> None:
    """Lets the C library keep the memory of frames for the next ones, which halves what streaming them costs.

    glibc gives large blocks back to the system as soon as they are freed, and gets each of the next ones as
    fresh pages, until it has seen a block of a size come and go: then it keeps blocks up to that size.
    """
    bytes(_FRAME_MEMORY_BYTES)


@contextlib.asynccontextmanager
async def _running_services(live_settings: LiveSettings) -> AsyncIterator[Services]:
    """Starts the parts, and stops them in the opposite order."""
    settings = live_settings.current
    metrics = Metrics()
    with usable_folder(settings.data, DATA_SETTING):
        store = JobStore(settings.data / "jobs.sqlite")
        shelf = BlobStore(settings.data / "audio", store.checked)
        uploads = UploadStore(shelf, settings.data / "uploads", _upload_bytes(settings))
    executor = build_executor(settings, store, shelf)
    desk = JobQueue(store, executor, settings.data / "spool", metrics)
    catalogue = CatalogueHolder()
    unchecked_since_ms = store.marks.mark_running()
    if unchecked_since_ms is not None:
        store.checked.forget_since(unchecked_since_ms)
    desk.start()
    catalogue.start()
    checkup = Checkup()
    live_settings.add_applier(partial(_apply_limits, uploads))
    try:
        yield Services(
            live_settings=live_settings,
            store=store,
            shelf=shelf,
            uploads=uploads,
            desk=desk,
            catalogue=catalogue,
            focus=FocusBoard(),
            slots=SlotStore(),
            metrics=metrics,
            unchecked_since_ms=unchecked_since_ms,
            notices=Notices(store.notice),
            checkup=checkup,
            dropper=JobDropper(store, shelf, settings.data / "spool"),
        )
    finally:
        await checkup.stop()
        await desk.stop()
        await catalogue.stop()
        await uploads.close()
        await shelf.close()
        store.marks.mark_stopped()
        store.close()


async def _apply_limits(uploads: UploadStore, _: Settings, after: Settings) -> None:
    """Carries out what can change while the server runs, apart from what is read each time."""
    uploads.most_bytes = _upload_bytes(after)
    logging.getLogger().setLevel(after.log_level.upper())


def _upload_bytes(settings: Settings) -> int:
    return int(settings.upload_gb * 1e9)


@contextlib.contextmanager
def _listening_socket(settings: Settings) -> Iterator[socket.socket]:
    """The server's own socket. Raises RequestError (`not_allowed`, `port_busy`)."""
    if not settings.allow_lan and settings.host not in ("127.0.0.1", "::1", "localhost"):
        raise RequestError(
            ErrorCode.NOT_ALLOWED,
            say("Listening on {host} would let other machines connect.", host=settings.host),
            "Add --allow-lan to allow that, or remove --host.",
        )
    with listening_socket(settings.host, settings.port, "bandmate serve --port") as listener:
        yield listener


def _http_server(services: Services, watch: IdleWatch, settings: Settings, port: int) -> uvicorn.Server:
    # An address that means every address is no name of this server.
    names = {"127.0.0.1", "localhost", "::1", settings.host} - {"0.0.0.0", "::"}  # noqa: S104
    hosts = {join_netloc(name, port) for name in names} | {host.lower() for host in settings.allowed_hosts}
    rules = AccessRules(
        home.server_token(),
        frozenset(hosts),
        frozenset(settings.allowed_origins),
        SignIns(home.state_dir() / "console.json"),
        # Browsers keep one jar for all ports of a host.
        cookie=f"bandmate_{port}",
        allow_lan=settings.allow_lan,
    )
    return MainServer(
        http_config(build_app(services, rules, watch.sessions_changed, rest_routes(services, watch)))
    )


@contextlib.asynccontextmanager
async def _background_tasks(
    services: Services, watch: IdleWatch, server: uvicorn.Server, repeats: RepeatLimit
) -> AsyncIterator[None]:
    """What runs beside the requests: retention, the end after idleness, logs that stay small."""

    def stop() -> None:
        server.should_exit = True

    tasks = [asyncio.create_task(_sweep_repeatedly(services), name="retention")]
    if services.unchecked_since_ms is not None:
        work = recheck_recent_blobs(services.shelf, services.unchecked_since_ms)
        tasks.append(asyncio.create_task(work, name="recheck"))
    tasks.append(asyncio.create_task(watch.run(stop), name="idle watch"))
    tasks.append(asyncio.create_task(_keep_logs_small(services.settings, repeats), name="small logs"))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _sweep_repeatedly(services: Services) -> None:
    while True:
        try:
            await build_sweeper(services, services.settings).sweep()
        except Exception:  # noqa: BLE001 - the next sweep may fare better, and must come
            _log.exception("the retention sweep failed")
        services.desk.flush_backlog()
        await asyncio.sleep(_SWEEP_SECONDS)


async def _keep_logs_small(settings: Settings, repeats: RepeatLimit) -> None:
    while True:
        await asyncio.sleep(REPEAT_REPORT_SECONDS)
        repeats.report_repeats()
        if _is_launched(settings):
            keep_console_small()


def _announce_ready(
    settings: Settings,
    port: int,
    api_sockets: Mapping[str, socket.socket],
    on_ready: Callable[[int], None] | None,
) -> None:
    here = home.ServerRecord(
        settings.host,
        port,
        os.getpid(),
        __version__,
        on_demand=settings.on_demand,
        settings=server_settings(os.environ),
        apis={name: listener.getsockname()[1] for name, listener in api_sockets.items()},
    )
    with usable_folder(home.state_dir(), "BANDMATE_HOME"):
        home.write_running(here)
    _log.info("Bandmate %s listens on %s:%s", __version__, settings.host, port)
    if on_ready is not None:
        on_ready(port)
