"""Models: which there are, and upstream's requests to load them, which Bandmate does when a job needs one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bandmate_server.compat.acestep.body import read_request
from bandmate_server.compat.acestep.envelope import answer
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.songs.inventory import describe_models, find_model
from bandmate_server.compat.songs.values import as_text, read_flag


class ModelRoutes:
    """Answers `/v1/models`, `/v1/model_inventory`, `/v1/init` and `/v1/reinitialize`."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context

    async def inventory(self, _: Request) -> Response:
        """The models that are on the disk, and the embedded engine."""
        return answer(await describe_models(self._context))

    async def init(self, request: Request) -> Response:
        """Says whether a model is here; it is loaded by the first job that needs it."""
        async with read_request(request, self._context.access, 0) as body:
            wanted = as_text(body.values.get("model") or "").strip()
            planner = read_flag(body.values.get("init_llm"))
        found = await describe_models(self._context)
        shown = await find_model(self._context, wanted)
        if not shown:
            names = [model["name"] for model in found["models"]]
            sentence = f"The model {wanted[:80]!a} is not here. Here are: {', '.join(names)}."
            return answer(None, 400, f"{sentence} `bandmate models list` names those that can be downloaded.")
        if planner and not found["lm_models"]:
            sentence = "No planner is here. `bandmate models pull acestep_5hz_lm_0.6b` downloads one."
            return answer(None, 400, sentence)
        message = f"{shown} is ready. It is loaded by the first task that needs it."
        return answer({**found, "message": message, "slot": 1, "loaded_model": shown})
