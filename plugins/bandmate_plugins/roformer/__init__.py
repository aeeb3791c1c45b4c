"""The engine `roformer`: separation by BS-RoFormer, Mel-Band RoFormer, SCNet or MDX23C, with a checkpoint.

This module is the plugin, and light: torch comes with the engine's `load`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import ClassVar, Literal

from bandmate_plugins.engine import Engine, LoadedEngine, Model, Readiness
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.roformer.places import KNOWN, places


class RoformerEngine(Engine):
    """Networks of four kinds; what a checkpoint's own configuration says decides what it gives."""

    name = "roformer"
    title = "RoFormer, SCNet, MDX23C"
    abilities = frozenset({"separate"})
    placement: ClassVar[Literal["cpu", "device"]] = "device"
    rank = 10
    models: ClassVar[tuple[Model, ...]] = KNOWN

    def readiness(self) -> Readiness:
        """Ready when any checkpoint is on the disk."""
        if find_spec("torch") is None or find_spec("pymss_core") is None:
            return Readiness(
                "unavailable", "Install bandmate[models], which brings torch and pymss-core along."
            )
        if not places():
            return Readiness(
                "needs_weights", "`bandmate models pull kim_vocals` fetches a model for vocals (913 MB)."
            )
        return Readiness()

    def load(self, device: str, tier: str) -> LoadedEngine:
        """Imports torch; a checkpoint is read when a request first needs it."""
        from bandmate_plugins.roformer.loaded import LoadedRoformer

        return LoadedRoformer(device, tier)


@hookimpl
def bandmate_engines(register: Callable[[Engine], None]) -> None:
    """Registers the engine."""
    register(RoformerEngine())
