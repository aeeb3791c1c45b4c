"""The engine `demucs`: separation by HTDemucs (Rouard, Massa, Defossez 2023), if its weights are here.

This module is the plugin, and light: torch comes with the engine's `load`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import ClassVar, Literal

from bandmate_plugins.demucs.variants import VARIANTS
from bandmate_plugins.engine import Engine, LoadedEngine, Model, Readiness
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.models import find_model


class DemucsEngine(Engine):
    """HTDemucs with four stems, its fine-tuned form, and that with six stems."""

    name = "demucs"
    title = "HTDemucs"
    abilities = frozenset({"separate"})
    placement: ClassVar[Literal["cpu", "device"]] = "device"
    rank = 20
    models: ClassVar[tuple[Model, ...]] = tuple(VARIANTS.values())

    def readiness(self) -> Readiness:
        """Ready when any of its models is on the disk."""
        if find_spec("torch") is None or find_spec("demucs") is None:
            return Readiness("unavailable", "Install bandmate[models], which brings torch and demucs along.")
        if not any(find_model(model) for model in self.models):
            return Readiness("needs_weights", "`bandmate models pull htdemucs` fetches them (84 MB).")
        return Readiness()

    def load(self, device: str, tier: str) -> LoadedEngine:
        """Imports torch; a model is read when a request first needs it."""
        from bandmate_plugins.demucs.loaded import LoadedDemucs

        return LoadedDemucs(device, tier)


@hookimpl
def bandmate_engines(register: Callable[[Engine], None]) -> None:
    """Registers the engine."""
    register(DemucsEngine())
