"""The compatible APIs, one a row."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from bandmate_server.compat.api import CompatApi, CompatContext


def _acestep_routes(context: CompatContext) -> Sequence[BaseRoute]:
    from bandmate_server.compat.acestep import acestep_routes

    return acestep_routes(context)


def _acestep_cpp_routes(context: CompatContext) -> Sequence[BaseRoute]:
    from bandmate_server.compat.acestep_cpp import acestep_cpp_routes

    return acestep_cpp_routes(context)


def _acestep_cpp_refusal(status: int, sentence: str) -> Response:
    from bandmate_server.compat.acestep_cpp import refusal_answer

    return refusal_answer(status, sentence)


def _chat_routes(context: CompatContext) -> Sequence[BaseRoute]:
    from bandmate_server.compat.chat import chat_routes

    return chat_routes(context)


def _chat_refusal(status: int, sentence: str) -> Response:
    from bandmate_server.compat.chat import refusal_answer

    return refusal_answer(status, sentence)


def _acestep_refusal(status: int, sentence: str) -> Response:
    from bandmate_server.compat.acestep import refusal_answer

    return refusal_answer(status, sentence)


APIS = (
    CompatApi(
        "acestep_api",
        "ACE-Step API",
        _acestep_routes,
        _acestep_refusal,
        ("/release_task", "/query_result", "/v1/audio", "/format_input", "/v1/create_sample", "/v1/init"),
        open_paths=frozenset({"/health", "/v1/audio"}),
        sealed_paths=frozenset({"/v1/audio"}),
        token_in_body=True,
    ),
    CompatApi(
        "acestep_cpp_api",
        "acestep.cpp API",
        _acestep_cpp_routes,
        _acestep_cpp_refusal,
        ("/synth", "/lm", "/understand", "/job", "/props"),
    ),
    CompatApi(
        "chat_api",
        "chat completions API",
        _chat_routes,
        _chat_refusal,
        ("/v1/chat/completions", "/chat/completions", "/api/v1/chat/completions"),
    ),
)
