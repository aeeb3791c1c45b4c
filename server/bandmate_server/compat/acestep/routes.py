"""The addresses of ACE-Step's API."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bandmate_server.compat.acestep.audio import AudioRoutes
from bandmate_server.compat.acestep.envelope import error_answer, refusal_answer
from bandmate_server.compat.acestep.health import HealthRoutes
from bandmate_server.compat.acestep.models import ModelRoutes
from bandmate_server.compat.acestep.refusals import REFUSED, RefusalRoutes
from bandmate_server.compat.acestep.tasks import TaskRoutes
from bandmate_server.compat.acestep.words import WordRoutes
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.dispatch import Handler, endpoint

__all__ = ["acestep_routes", "refusal_answer"]


def acestep_routes(context: CompatContext) -> Sequence[BaseRoute]:
    """Every route that is answered."""
    health, tasks, words = HealthRoutes(context), TaskRoutes(context), WordRoutes(context)
    audio, models, refusals = AudioRoutes(context), ModelRoutes(context), RefusalRoutes(context)

    def route(method: str, path: str, handler: Handler) -> Route:
        return Route(path, endpoint(context, handler, error_answer), methods=[method])

    def refused(sentence: str) -> Handler:
        async def refuse(request: Request) -> Response:
            return await refusals.refuse(request, sentence)

        return refuse

    return [
        route("GET", "/health", health.health),
        route("GET", "/v1/stats", health.stats),
        route("POST", "/release_task", tasks.release),
        route("POST", "/query_result", tasks.query),
        route("POST", "/cancel_task", tasks.cancel),
        route("GET", "/v1/audio", audio.audio),
        route("POST", "/format_input", words.format_input),
        route("POST", "/create_random_sample", words.random_sample),
        route("POST", "/v1/create_sample", words.create_sample),
        route("GET", "/v1/models", models.inventory),
        route("GET", "/v1/model_inventory", models.inventory),
        route("POST", "/v1/init", models.init),
        route("POST", "/v1/reinitialize", models.init),
        route("GET", "/v1/lora/status", refusals.lora_status),
        route("GET", "/v1/training/status", refusals.training_status),
        *(route(each.method, each.path, refused(each.sentence)) for each in REFUSED),
    ]
