"""OSCQuery over HTTP, read only, for those who may send OSC."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from ipaddress import ip_address

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.osc.query import UnknownAttributeError, UnknownPathError, host_info, query_node


def query_app(model: ControlModel, name: str, osc_port: int, allowed: frozenset[str]) -> Starlette:
    """Answers GET from the addresses in `allowed`, about what OSC takes on a port."""
    # Over HTTP, nobody learns the interface of a link-local address.
    hosts = {host.partition("%")[0] for host in allowed}

    async def answer(request: Request) -> Response:
        peer = request.client.host if request.client is not None else ""
        if peer.partition("%")[0] not in hosts or not _is_local(request.url.hostname or ""):
            return Response(status_code=403)
        attribute = next(iter(request.query_params.keys()), "")
        if attribute == "HOST_INFO":
            return JSONResponse(host_info(name, osc_port))
        try:
            found = query_node(model, request.url.path, attribute)
        except UnknownPathError:
            return Response(status_code=404)
        except UnknownAttributeError:
            return Response(status_code=400)
        return JSONResponse(found) if found else Response(status_code=204)

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET"])])


def _is_local(host: str) -> bool:
    """Whether a request names this machine by an address or a local name, as a page on the web cannot."""
    with contextlib.suppress(ValueError):
        return bool(ip_address(host))
    return host == "localhost" or host.endswith(".local")


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handling, which is the main server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals alone."""
        yield


@contextlib.asynccontextmanager
async def query_server(app: Starlette, hosts: Sequence[str], port: int) -> AsyncIterator[int]:
    """Serves on one port of every host for as long as the context lasts; gives the port.

    Raises RequestError (`port_busy`).
    """
    with contextlib.ExitStack() as stack:
        listeners: list[socket.socket] = []
        for host in hosts:
            listeners.append(stack.enter_context(_listening_socket(host, port)))
            port = listeners[0].getsockname()[1]
        server = _QuietServer(uvicorn.Config(app, lifespan="off", access_log=False, log_config=None))
        serving = asyncio.create_task(server.serve(sockets=listeners), name="oscquery")
        try:
            while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has only this flag
                await asyncio.sleep(0.002)
            yield port
        finally:
            server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise RequestError(
            ErrorCode.PORT_BUSY,
            say("OSCQuery cannot listen on TCP port {port}: {strerror}.", port=port, strerror=error.strerror),
            "It uses the same port number as OSC; `--osc-port` changes both.",
        ) from error
    return made
