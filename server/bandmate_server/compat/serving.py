"""Opens the ports of the compatible APIs that the settings ask for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator, Mapping

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from bandmate_plugins._platform import home
from bandmate_server.compat.access import CompatAccess
from bandmate_server.compat.api import CompatApi, CompatContext
from bandmate_server.compat.background import BackgroundWork
from bandmate_server.compat.guard import CompatGuard
from bandmate_server.compat.table import APIS
from bandmate_server.config import Settings
from bandmate_server.idle import IdleWatch
from bandmate_server.listening import listening_socket
from bandmate_server.rest.reading import drain_body
from bandmate_server.services import Services
from bandmate_server.web.cors import CrossOriginAccess
from bandmate_server.web.guard import join_netloc
from bandmate_server.web.http_server import SideServer, http_config

_log = logging.getLogger(__name__)

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost", "::1")


@contextlib.contextmanager
def compat_sockets(settings: Settings) -> Iterator[dict[str, socket.socket]]:
    """The sockets of the APIs that are on, by their setting. Raises RequestError (`port_busy`)."""
    with contextlib.ExitStack() as stack:
        yield {
            api.setting: stack.enter_context(
                listening_socket(HOST, port, "bandmate serve --" + api.setting.replace("_", "-"))
            )
            for api in APIS
            if (port := getattr(settings, api.setting)) is not None
        }


@contextlib.asynccontextmanager
async def serve_compat_apis(
    sockets: Mapping[str, socket.socket], services: Services, watch: IdleWatch
) -> AsyncIterator[None]:
    """Serves them for as long as the context lasts."""
    servers, background = [], BackgroundWork()
    for api in APIS:
        if api.setting in sockets:
            listener = sockets[api.setting]
            port = listener.getsockname()[1]
            server = SideServer(http_config(build_compat_app(api, services, watch, background, port)))
            task = asyncio.create_task(server.serve(sockets=[listener]), name=api.setting)
            servers.append((server, task))
            while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has only this flag
                await asyncio.sleep(0.002)
            _log.info("the %s listens on %s:%s", api.title, HOST, port)
    try:
        yield
    finally:
        for server, _ in servers:
            server.should_exit = True
        await asyncio.gather(*(task for _, task in servers))
        await background.stop()


def build_compat_app(
    api: CompatApi, services: Services, watch: IdleWatch, background: BackgroundWork, port: int
) -> Starlette:
    """The ASGI application of one API on its port."""
    settings = services.settings
    access = CompatAccess(
        token=home.server_token(),
        needs_token=settings.compat_needs_token,
        hosts=frozenset(join_netloc(name, port) for name in _NAMES),
        origins=frozenset(settings.allowed_origins),
        folders=settings.compat_folders,
    )

    async def refuse(request: Request, error: Exception) -> Response:
        await drain_body(request)
        status = getattr(error, "status_code", 404)
        sentence = (
            "This method is not known here." if status != 404 else lost_text(api, request.url.path, settings)
        )
        return api.refusal(status, sentence)

    return Starlette(
        routes=list(api.routes(CompatContext(services, watch, access, background))),
        middleware=[
            Middleware(CrossOriginAccess, origins=access.origins, folder="/", headers=("*",)),
            Middleware(CompatGuard, api=api, access=access, metrics=services.metrics),
        ],
        exception_handlers={404: refuse, 405: refuse},
    )


def lost_text(api: CompatApi, path: str, settings: Settings) -> str:
    """What is said to whoever asks for an address that is not here: most have the port of another program."""
    other = next((each for each in APIS if path.rstrip("/") in each.paths), api)
    if other is api:
        return (
            f"There is nothing at this address of the {api.title}. It has {', '.join(api.paths)} and others."
        )
    port = getattr(settings, other.setting)
    option = "--" + other.setting.replace("_", "-")
    where = f"is on {HOST}:{port}" if port else "has a port of its own: `bandmate doctor` lists it"
    is_on = f"which {where}" if port is not None else f"which `bandmate serve {option}` opens"
    return f"This is the {api.title}. {path} belongs to the {other.title}, {is_on}."
