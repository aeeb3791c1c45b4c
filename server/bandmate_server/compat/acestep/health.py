"""Whether the server is here, and what it has."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.version import __version__
from bandmate_server.compat.acestep.envelope import answer
from bandmate_server.compat.api import CompatContext

OWNER = "acestep-api"
"""Whose quota of jobs every client of this API shares."""


class HealthRoutes:
    """Answers `/health` and `/v1/stats`."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context

    async def health(self, _: Request) -> Response:
        """Open to all: it says no more than that a server is here."""
        return answer(
            {
                "status": "ok",
                "service": "ACE-Step API",
                "version": "1.0",
                "bandmate": __version__,
                "models_initialized": True,
                "llm_initialized": False,
            }
        )

    async def stats(self, _: Request) -> Response:
        """How many jobs of this API there are."""
        services = self._context.services
        counts = services.store.count_by_state(OWNER)
        queued = counts.get("queued", 0)
        failed = sum(counts.get(state, 0) for state in ("failed", "cancelled", "interrupted"))
        return answer(
            {
                "jobs": {
                    "total": sum(counts.values()),
                    "queued": queued,
                    "running": counts.get("running", 0),
                    "succeeded": counts.get("done", 0),
                    "failed": failed,
                },
                "queue_size": queued,
                "queue_maxsize": services.settings.jobs_per_client,
            }
        )
