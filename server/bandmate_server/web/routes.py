"""The routes: the WebSocket, `/health`, `/metrics`, and the console."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from bandmate_protocol.proof import is_nonce, proof_of
from bandmate_protocol.version import PROTOCOL_MAX, SUBPROTOCOL, __version__
from bandmate_server.sessions import ClientConnection, Services
from bandmate_server.web.console_audio import ConsoleAudio, answering_errors
from bandmate_server.web.console_page import serve_page_file, serve_start
from bandmate_server.web.console_sign_in import SignInRoutes
from bandmate_server.web.cors import CrossOriginAccess
from bandmate_server.web.guard import AccessGuard, AccessRules
from bandmate_server.web.signed_in_sockets import SignedInSockets


def build_app(
    services: Services,
    rules: AccessRules,
    on_change: Callable[[int], None],
    more_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The ASGI application; `on_change` is told how many sessions are open whenever that changes."""
    sessions: set[ClientConnection] = set()
    signed_in = SignedInSockets(rules.sign_ins)

    async def health(request: Request) -> Response:
        said = {"status": "ok", "version": __version__, "protocol": PROTOCOL_MAX}
        nonce = request.query_params.get("nonce", "")
        if is_nonce(nonce):
            said["proof"] = proof_of(rules.token, request.headers["host"], nonce)
        return JSONResponse(said)

    async def metrics(_: Request) -> Response:
        return Response(services.metrics.prometheus_text(), media_type="text/plain; version=0.0.4")

    async def socket(websocket: WebSocket) -> None:
        offered = websocket.scope.get("subprotocols", [])
        await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
        connection = ClientConnection(websocket, services)
        sessions.add(connection)
        _count_sessions(services, sessions, on_change)
        try:
            with signed_in.following(websocket):
                await connection.run()
        finally:
            sessions.discard(connection)
            _count_sessions(services, sessions, on_change)

    return Starlette(
        routes=[
            # First, since they are tried in turn, and clients poll here.
            *more_routes,
            Route("/health", health),
            Route("/metrics", metrics),
            WebSocketRoute("/ws", socket),
            *_console_routes(services, rules),
        ],
        middleware=[
            Middleware(CrossOriginAccess, origins=rules.origins),
            Middleware(AccessGuard, rules=rules, metrics=services.metrics),
        ],
    )


def _console_routes(services: Services, rules: AccessRules) -> list[BaseRoute]:
    sign_in, audio = SignInRoutes(rules, services.settings.host), ConsoleAudio(services)
    return [
        Route("/", serve_start),
        Route("/page/{name:path}", serve_page_file),
        Route("/console/code", sign_in.make_code, methods=["POST"]),
        Route("/console/sign-in", sign_in.sign_in, methods=["POST"]),
        Route("/console/signed-in", sign_in.is_signed_in),
        Route("/console/sign-out", sign_in.sign_out, methods=["POST"]),
        Route("/console/peaks/{sha256}", answering_errors(audio.peaks)),
        Route("/console/audio/{sha256}", answering_errors(audio.audio)),
        Route("/console/upload/{sha256}", answering_errors(audio.upload)),
        Route("/console/download", answering_errors(audio.order_download), methods=["POST"]),
        Route("/ticket/{ticket}/{name}", answering_errors(audio.ticket)),
    ]


def _count_sessions(
    services: Services, sessions: set[ClientConnection], on_change: Callable[[int], None]
) -> None:
    services.metrics.sessions = len(sessions)
    on_change(len(sessions))
