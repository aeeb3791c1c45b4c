"""The engine `roformer`: separation by BS-RoFormer, Mel-Band RoFormer, SCNet or MDX23C, with a checkpoint.

This module is the plugin, and light: torch comes with the engine's `load`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from bandmate_plugins._engines.roformer.places import KNOWN_CHECKPOINTS, checkpoint_configs
from bandmate_plugins._engines.separation_nets.engine import NetworkEngine
from bandmate_plugins.engine import Engine, LoadedEngine
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.model import Model


class RoformerEngine(NetworkEngine):
    """Networks of four kinds; a checkpoint's own configuration decides which stems it gives."""

    name = "roformer"
    title = "RoFormer, SCNet, MDX23C"
    rank = 10
    package = "pymss_core"
    first_model = "kim_vocals"
    first_pull = "`bandmate models pull kim_vocals` downloads a model for vocals (913 MB)."
    models: ClassVar[tuple[Model, ...]] = KNOWN_CHECKPOINTS

    def has_weights(self) -> bool:
        """See NetworkEngine."""
        return bool(checkpoint_configs())

    def load(self, device: str, tier: str) -> LoadedEngine:
        """Imports torch; a checkpoint is read when a request first needs it."""
        from bandmate_plugins._engines.roformer.loaded import LoadedRoformer

        return LoadedRoformer(device, tier)


@hookimpl
def bandmate_engines(register: Callable[[Engine], None]) -> None:
    """Registers the engine."""
    register(RoformerEngine())
