"""The addresses of ACE-Step's API."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route

from bandmate_server.compat.acestep.envelope import error_answer
from bandmate_server.compat.acestep.health import HealthRoutes
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.dispatch import Handler, endpoint


def acestep_routes(context: CompatContext) -> Sequence[BaseRoute]:
    """Every route that is answered."""
    health = HealthRoutes(context)

    def route(method: str, path: str, handler: Handler) -> Route:
        return Route(path, endpoint(context, handler, error_answer), methods=[method])

    return [route("GET", "/health", health.health), route("GET", "/v1/stats", health.stats)]
