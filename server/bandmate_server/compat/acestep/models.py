"""Models: which there are, and upstream's requests to load them, which Bandmate does when a job needs one."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.messages import EngineInfo
from bandmate_server.compat.acestep.body import read_request
from bandmate_server.compat.acestep.envelope import answer
from bandmate_server.compat.acestep.planning import model_named
from bandmate_server.compat.acestep.values import as_text, read_flag
from bandmate_server.compat.api import CompatContext

_TASKS = {
    "text": ("text2music",),
    "variation": ("cover",),
    "inpaint": ("repaint",),
    "accompany": ("lego", "complete"),
    "separate": ("extract", "stem_separation"),
}


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
        names = [model["name"] for model in found["models"]]
        shown = [name for name in names if not wanted or _is_same(name, wanted)]
        if not shown:
            sentence = f"The model {wanted[:80]!a} is not here. Here are: {', '.join(names)}."
            return answer(None, 400, f"{sentence} `bandmate models list` names those that can be downloaded.")
        if planner and not found["lm_models"]:
            sentence = "No planner is here. `bandmate models pull acestep_5hz_lm_0.6b` downloads one."
            return answer(None, 400, sentence)
        message = f"{shown[0]} is ready. It is loaded by the first task that needs it."
        return answer({**found, "message": message, "slot": 1, "loaded_model": shown[0]})


async def describe_models(context: CompatContext) -> dict[str, Any]:
    """The models that can be used, in upstream's words. `is_loaded` is the one that a task gets which names none: here
    models are loaded by the job that needs them.
    """
    plugins = await context.services.catalogue.plugins()
    engines = [engine.info for engine in plugins.engines]
    models = [_model_fields(name, engine) for engine in engines for name in _usable_names(engine)]
    default = next((each["name"] for each in models if "text2music" in each["supported_task_types"]), "")
    for each in models:
        each["is_default"] = each["is_loaded"] = each["name"] == default
    planners = [
        {"name": model.pull, "is_loaded": False}
        for engine in engines
        for model in engine.models
        if model.present and "_lm" in model.pull
    ]
    return {
        "models": models,
        "default_model": default,
        "loaded_model": default,
        "lm_models": planners,
        "loaded_lm_model": None,
        "llm_initialized": bool(planners),
        "gpus": [],
        "gpu_mapping": {},
        "device_map": {},
    }


def _usable_names(engine: EngineInfo) -> list[str]:
    """An engine's models that are here, without planners; one that needs none goes by its own name."""
    if engine.status != "ready" or not set(engine.abilities) & set(_TASKS):
        return []
    if engine.name == "acestep":
        present = [model for model in engine.models if model.present and "_lm" not in model.pull]
        return [model.name.rpartition("/")[2] for model in present if model_named(model.pull, engine)]
    return [engine.name]


def _model_fields(name: str, engine: EngineInfo) -> dict[str, Any]:
    tasks = [
        task
        for ability in engine.abilities
        if engine.is_ready_for(ability)
        for task in _TASKS.get(ability, ())
    ]
    return {"name": name, "engine": engine.name, "supported_task_types": tasks}


def _is_same(name: str, wanted: str) -> bool:
    plain = wanted.lower().rpartition("/")[2].replace("-", "_")
    return name.lower().replace("-", "_") == plain or (plain == "acestep_v15_turbo" and name == "Ace-Step1.5")
