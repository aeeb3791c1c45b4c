"""The engine `acestep`: ACE-Step 1.5, an open model that makes and changes music, if its weights are here.

docs/models.md says what to pull. This module is the plugin, and light: torch comes with the engine's `load`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import ClassVar, Literal

from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.planner.variants import (
    PLANNER_HINT,
    PLANNER_MODELS,
    SMALL,
    installed_planners,
)
from bandmate_plugins._engines.acestep.variants import (
    BASE,
    CORE,
    MODELS,
    has_checkpoint,
    missing_abilities,
)
from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins.engine import Engine, LoadedEngine, Readiness
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.model import Model
from bandmate_protocol.messages import Ability
from bandmate_protocol.texts import say

_LIBRARIES = ("torch", "diffusers", "transformers")


class AceStepEngine(Engine):
    """Text to music, covers, repaints, accompaniments and stems, with the installed checkpoints."""

    name = "acestep"
    title = "ACE-Step 1.5"
    abilities = frozenset({"accompany", "analyse", "inpaint", "separate", "text", "variation"})
    by_name_only = frozenset({"analyse"})
    Options = AceStepOptions
    placement: ClassVar[Literal["cpu", "device"]] = "device"
    rank = 10
    """Before the embedded engines; after HTDemucs, which takes apart what is there and makes nothing up."""
    reads_lyrics = True
    led_abilities: ClassVar[frozenset[Ability]] = frozenset({"accompany", "text"})
    models: ClassVar[tuple[Model, ...]] = (*MODELS, *PLANNER_MODELS)

    def readiness(self) -> Readiness:
        """Ready when any checkpoint is whole; what needs the base model is lacking without one."""
        missing = [name for name in _LIBRARIES if find_spec(name) is None]
        if missing:
            return Readiness(
                "unavailable",
                say(
                    "It needs {names}. {how_to_add}",
                    names=", ".join(missing),
                    how_to_add=how_to_add("models"),
                ),
            )
        if not has_checkpoint():
            return Readiness(
                "needs_weights",
                "`bandmate models pull ace_step1.5` downloads them (6.3 GB).",
                models=(CORE.name,),
            )
        missing_now = missing_abilities()
        missing_models: dict[Ability, tuple[str, ...]] = dict.fromkeys(missing_now, (BASE,))
        if not installed_planners():
            missing_now["analyse"] = say("A planner is required: {hint}.", hint=PLANNER_HINT)
            missing_models["analyse"] = (SMALL.name,)
        return Readiness(lacks=missing_now, lacking_models=missing_models)

    def load(self, device: str, tier: str) -> LoadedEngine:
        """Imports torch; a checkpoint is read when a request first needs it."""
        from bandmate_plugins._engines.acestep.loaded import LoadedAceStep

        return LoadedAceStep(device, tier)

    def load_prompt_reader(self) -> LoadedEngine:
        """Prompts are read as the embedded engine reads them, without torch."""
        from bandmate_plugins._engines.sketch.words.prompt_reader import PromptReader

        return PromptReader()


@hookimpl
def bandmate_engines(register: Callable[[Engine], None]) -> None:
    """Registers the engine."""
    register(AceStepEngine())
