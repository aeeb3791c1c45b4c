"""Routes of upstream's that nothing here serves: they say so in upstream's form, and what would do instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bandmate_server.compat.acestep.body import read_request
from bandmate_server.compat.acestep.envelope import answer
from bandmate_server.compat.api import CompatContext


@dataclass(frozen=True)
class RefusedRoute:
    """One address that is refused."""

    method: str
    path: str
    sentence: str


_NO_ADAPTERS = "Bandmate has no adapters yet, so no LoRA can be loaded or set."
_NO_TRAINING = "Bandmate does not train models. Train with ACE-Step's own program."
_NO_TRANSCRIPTION = "Bandmate does not transcribe lyrics."
REFUSED: Sequence[RefusedRoute] = (
    *(
        RefusedRoute("POST", f"/v1/lora/{verb}", _NO_ADAPTERS)
        for verb in ("load", "unload", "scale", "toggle")
    ),
    RefusedRoute("POST", "/v1/transcribe", _NO_TRANSCRIPTION),
    RefusedRoute("POST", "/v1/dataset/{what:path}", _NO_TRAINING),
    *(RefusedRoute(method, "/v1/dataset/{what:path}", _NO_TRAINING) for method in ("GET", "PUT")),
    RefusedRoute("POST", "/v1/training/{what:path}", _NO_TRAINING),
    RefusedRoute("GET", "/v1/training/{what:path}", _NO_TRAINING),
)


class RefusalRoutes:
    """Answers with HTTP status 200 and code 400 inside, as upstream does where it cannot."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context

    async def refuse(self, request: Request, sentence: str) -> Response:
        """Says that it is not here, to those who may know."""
        if request.method == "GET":
            return answer(None, 400, sentence)
        async with read_request(request, self._context.access, 0):
            return answer(None, 400, sentence)

    async def lora_status(self, _: Request) -> Response:
        """No adapter is loaded."""
        return answer(
            {
                "lora_loaded": False,
                "use_lora": False,
                "lora_scale": 1.0,
                "active_adapter": None,
                "adapters": [],
            }
        )

    async def training_status(self, _: Request) -> Response:
        """Nothing is trained."""
        return answer({"is_training": False, "running": False, "status": "idle", "error": _NO_TRAINING})
