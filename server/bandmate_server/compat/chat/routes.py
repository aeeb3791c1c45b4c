"""The addresses of chat completions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bandmate_protocol.errors import BandmateError
from bandmate_protocol.version import __version__
from bandmate_server.compat.answers import NO_STORE, plain_answer, refusal_error
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.chat.answers import Completion
from bandmate_server.compat.chat.body import read_chat_body
from bandmate_server.compat.chat.content import describe_music
from bandmate_server.compat.chat.errors import error_body
from bandmate_server.compat.chat.making import OWNER, Making, ignore_progress
from bandmate_server.compat.chat.models import describe_model, describe_models, find_model, music_models
from bandmate_server.compat.chat.music_order import MusicOrder, read_order
from bandmate_server.compat.chat.stream import StreamAnswer
from bandmate_server.compat.client_jobs import ClientJobs
from bandmate_server.compat.dispatch import Handler, endpoint
from bandmate_server.compat.leaving import unless_client_leaves
from bandmate_server.compat.reading import MAX_JSON_BYTES, read_json

MAX_BODY_BYTES = 96 << 20
"""An hour of MP3, or six minutes of WAV, in base64."""
_NOT_AGAIN = {"x-should-retry": "false"}
"""OpenAI's clients send what failed twice more unless they are told; that would be three jobs."""


class ChatRoutes:
    """Answers them."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context

    async def health(self, _: Request) -> Response:
        """Open to all: it says no more than that a server is here."""
        return plain_answer({"status": "ok", "service": "Bandmate chat completions", "version": __version__})

    async def models(self, _: Request) -> Response:
        """The models that a request may name."""
        plugins = await self._context.services.catalogue.plugins()
        return plain_answer(describe_models(music_models(plugins)))

    async def model(self, request: Request) -> Response:
        """One of them. Raises UnknownModelError."""
        plugins = await self._context.services.catalogue.plugins()
        return plain_answer(describe_model(find_model(plugins, request.path_params["name"])))

    async def complete(self, request: Request) -> Response:
        """Music for the last message of the user, in one piece or as server-sent events."""
        with contextlib.ExitStack() as stack:
            making = await self._begin(request, stack.enter_context(ClientJobs(self._context, OWNER)))
            completion = Completion(making.model)
            if making.order.streams:
                answer = StreamAnswer(self._context, making, completion)
                # From here on they are the answer's.
                stack.pop_all()
                return answer
            music, audio = await unless_client_leaves(request, making.finish(ignore_progress))
        body = completion.whole(describe_music(music), [each.part() for each in audio])
        return Response(body, 200, NO_STORE, "application/json")

    async def _begin(self, request: Request, jobs: ClientJobs) -> Making:
        """The jobs of a request. What it brought is let go of before the music is made."""
        with contextlib.ExitStack() as stack:
            if _may_be_large(request):
                stack.enter_context(self._context.limits.place("large requests"))
            order = await _read_order(request)
            return await unless_client_leaves(request, Making.start(self._context, jobs, order))


def chat_routes(context: CompatContext) -> Sequence[BaseRoute]:
    """Every route that is answered; OpenRouter has them below `/api`, and many leave `/v1` out of the base address."""
    chat = ChatRoutes(context)

    def route(method: str, path: str, handler: Handler) -> list[Route]:
        answer = endpoint(context, handler, error_answer)
        return [Route(folder + path, answer, methods=[method]) for folder in ("/v1", "/api/v1", "")]

    return [
        Route("/health", endpoint(context, chat.health, error_answer), methods=["GET"]),
        *route("GET", "/models", chat.models),
        *route("GET", "/models/{name:path}", chat.model),
        *route("POST", "/chat/completions", chat.complete),
    ]


def error_answer(error: BandmateError, status: int) -> Response:
    """An error in OpenAI's form and upstream's."""
    is_final = status >= 500 or status in (408, 409)
    return plain_answer(error_body(error, status), status, _NOT_AGAIN if is_final else None)


def refusal_answer(status: int, sentence: str) -> Response:
    """A refusal before any route: of the token, the Host, the Origin, the address."""
    return error_answer(refusal_error(status, sentence), status)


async def _read_order(request: Request) -> MusicOrder:
    fields = await read_json(request, MAX_BODY_BYTES)
    # Megabytes of base64 keep a thread busy for a while.
    return await asyncio.to_thread(lambda: read_order(read_chat_body(fields)))


def _may_be_large(request: Request) -> bool:
    stated = request.headers.get("content-length", "")
    return not stated.isdecimal() or int(stated[:20]) > MAX_JSON_BYTES
