"""Models that can be used, in the words of ACE-Step's programs."""

from __future__ import annotations

from typing import Any

from bandmate_protocol.messages import EngineInfo
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.songs.planning import is_planner, model_named

_TASKS = {
    "text": ("text2music",),
    "variation": ("cover",),
    "inpaint": ("repaint",),
    "accompany": ("lego", "complete"),
    "separate": ("extract", "stem_separation"),
}


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
        if model.present and is_planner(model)
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
        present = [model for model in engine.models if model.present and not is_planner(model)]
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
