"""Whether the server is here, and what it has."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.version import __version__
from bandmate_server.compat.acestep.envelope import answer
from bandmate_server.compat.acestep.owner import OWNER
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.songs.inventory import describe_models


class HealthRoutes:
    """Answers `/health` and `/v1/stats`."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context

    async def health(self, _: Request) -> Response:
        """Open to all: that a server is here, and by which model."""
        models = await describe_models(self._context)
        return answer(
            {
                "status": "ok",
                "service": "ACE-Step API",
                "version": "1.0",
                "bandmate": __version__,
                "models_initialized": bool(models["models"]),
                "llm_initialized": models["llm_initialized"],
                "loaded_model": models["loaded_model"],
                "loaded_lm_model": models["loaded_lm_model"],
                "gpus": models["gpus"],
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
                "avg_job_seconds": services.store.mean_seconds(OWNER) or 0.0,
            }
        )
