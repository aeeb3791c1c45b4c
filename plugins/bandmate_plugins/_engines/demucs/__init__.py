"""The engine `demucs`: separation by HTDemucs (Rouard, Massa, Defossez 2023), if its weights are here.

This module is the plugin, and light: torch comes with the engine's `load`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from bandmate_plugins._engines.demucs.variants import VARIANTS
from bandmate_plugins._engines.separation_nets.engine import NetworkEngine
from bandmate_plugins._models import find_model
from bandmate_plugins.engine import Engine, LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.model import Model


class DemucsEngine(NetworkEngine):
    """HTDemucs with four stems, its fine-tuned version, and the version with six stems."""

    name = "demucs"
    title = "HTDemucs"
    rank = 20
    package = "demucs"
    first_model = "htdemucs"
    first_pull = "`bandmate models pull htdemucs` downloads them (84 MB)."
    models: ClassVar[tuple[Model, ...]] = tuple(VARIANTS.values())

    def has_weights(self) -> bool:
        """See NetworkEngine."""
        return any(find_model(model) for model in self.models)

    def load(self, device: str, tier: str) -> LoadedEngine:
        """Imports torch; a model is read when a request first needs it."""
        from bandmate_plugins._engines.demucs.loaded import LoadedDemucs

        return LoadedDemucs(device, tier)


@hookimpl
def bandmate_engines(register: Callable[[Engine], None]) -> None:
    """Registers the engine."""
    register(DemucsEngine())
