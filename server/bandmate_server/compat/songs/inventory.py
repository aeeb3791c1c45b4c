"""Models that can be used, in the words of ACE-Step's programs."""

from __future__ import annotations

from typing import Any

from bandmate_protocol.messages import Ability
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.songs.models import OfferedModel, choose_model, is_planner, offered_models

_TASKS: dict[Ability, tuple[str, ...]] = {
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
    models = [_model_fields(each) for each in offered_models(plugins.engines, _TASKS)]
    default = next((each["name"] for each in models if "text2music" in each["supported_task_types"]), "")
    for each in models:
        each["is_default"] = each["is_loaded"] = each["name"] == default
    planners = [
        {"name": model.pull, "is_loaded": False}
        for engine in plugins.engines
        for model in engine.info.models
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


async def find_model(context: CompatContext, name: str) -> str:
    """The model that a name stands for, as `describe_models` calls it; empty where it is not here."""
    plugins = await context.services.catalogue.plugins()
    chosen = choose_model((engine.info for engine in plugins.engines), name)
    offered = offered_models(plugins.engines, _TASKS)
    return next((model.name for model in offered if model.is_chosen(chosen)), "")


def _model_fields(model: OfferedModel) -> dict[str, Any]:
    tasks = [
        task
        for ability, names in _TASKS.items()
        if ability in model.info.abilities and model.info.is_ready_for(ability)
        for task in names
    ]
    return {"name": model.name, "engine": model.engine, "supported_task_types": tasks}
