"""The addresses of acestep.cpp's API."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.version import __version__
from bandmate_server.compat.acestep_cpp.answers import error_answer, refusal_answer
from bandmate_server.compat.acestep_cpp.job_table import CppJob, JobTable, Work
from bandmate_server.compat.acestep_cpp.synth import Synthesis
from bandmate_server.compat.acestep_cpp.wire import DEFAULTS, PRESETS
from bandmate_server.compat.acestep_cpp.words import Understanding, Writing
from bandmate_server.compat.answers import plain_answer
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.dispatch import Handler, endpoint
from bandmate_server.compat.songs.fields import MOST_AUDIOS
from bandmate_server.compat.songs.inventory import describe_models
from bandmate_server.rest.reading import BadBodyError

__all__ = ["acestep_cpp_routes", "refusal_answer"]


class CppRoutes:
    """Answers them."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context
        self._jobs = JobTable(context)

    async def health(self, _: Request) -> Response:
        """Open to all: that a server is here."""
        return plain_answer({"status": "ok", "service": "Bandmate", "version": __version__})

    async def props(self, _: Request) -> Response:
        """The models that are here, and what a field means that is left out."""
        found = await describe_models(self._context)
        return plain_answer(
            {
                "models": {
                    "lm": [each["name"] for each in found["lm_models"]],
                    "embedding": [],
                    "dit": [
                        each["name"]
                        for each in found["models"]
                        if "text2music" in each["supported_task_types"]
                    ],
                    "vae": [],
                },
                "adapters": [],
                "cli": {"max_batch": MOST_AUDIOS},
                "default": dict(DEFAULTS),
                "presets": PRESETS,
            }
        )

    async def synth(self, request: Request) -> Response:
        """Takes in requests for music."""
        return self._start((await Synthesis.read(self._context, request)).run)

    async def write(self, request: Request) -> Response:
        """Takes in a request that a planner fills in."""
        return self._start((await Writing.read(self._context, request)).run)

    async def understand(self, request: Request) -> Response:
        """Takes in a recording that is to be described."""
        return self._start((await Understanding.read(self._context, request)).run)

    async def refuse_latents(self, _: Request) -> Response:
        """Upstream's codec. Raises BadBodyError (501)."""
        raise BadBodyError(
            501,
            "Bandmate takes and gives no latents over this API.",
            "Send recordings as `audio`, and take the audio of results.",
            code=ErrorCode.BAD_PARAMS,
        )

    async def job(self, request: Request) -> Response:
        """How a job is, or with `result=1` what it made."""
        job = self._find(request)
        if request.query_params.get("result") != "1":
            return plain_answer({"status": job.status, **({"error": job.error} if job.error else {})})
        if job.status != "done" or job.answer is None:
            raise BadBodyError(
                404,
                job.error or f"The job is {job.status}, so it has no result.",
                "Ask for its status until it is `done`." if job.status == "running" else "",
            )
        return await job.answer()

    async def change_job(self, request: Request) -> Response:
        """Cancels a job."""
        job = self._find(request)
        if request.query_params.get("cancel") != "1":
            raise BadBodyError(400, "A job can only be cancelled.", "Send `cancel=1` with its id.")
        self._jobs.cancel(job)
        return plain_answer({"status": job.status})

    def _start(self, work: Work) -> Response:
        return plain_answer({"id": self._jobs.start(work).id})

    def _find(self, request: Request) -> CppJob:
        job_id = request.query_params.get("id", "")
        if not job_id:
            raise BadBodyError(
                400, "`id` is missing.", "Send the id that `/synth`, `/lm` or `/understand` gave."
            )
        job = self._jobs.find(job_id)
        if job is None:
            raise BadBodyError(404, "There is no job of this id.", "Ids end with the server.")
        return job


def acestep_cpp_routes(context: CompatContext) -> Sequence[BaseRoute]:
    """Every route that is answered."""
    routes = CppRoutes(context)

    def route(method: str, path: str, handler: Handler) -> Route:
        return Route(path, endpoint(context, handler, error_answer), methods=[method])

    return [
        route("GET", "/health", routes.health),
        route("GET", "/props", routes.props),
        route("POST", "/lm", routes.write),
        route("POST", "/synth", routes.synth),
        route("POST", "/understand", routes.understand),
        route("POST", "/vae", routes.refuse_latents),
        route("GET", "/job", routes.job),
        route("POST", "/job", routes.change_job),
    ]
