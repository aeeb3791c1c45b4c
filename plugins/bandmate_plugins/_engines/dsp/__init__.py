"""The embedded engine `dsp`: takes audio apart and analyses it, with signal processing alone.

docs/separation.md and docs/analysis.md say how, and how well. This module is the plugin, and light: numpy and
scipy come with the engine's `load`.
"""

from __future__ import annotations

from collections.abc import Callable

from bandmate_plugins.engine import Engine, LoadedEngine
from bandmate_plugins.hooks import hookimpl


class DspEngine(Engine):
    """Splits the source's spectrum with soft masks that sum to one; the result is always the same."""

    name = "dsp"
    title = "Signal processing (embedded)"
    abilities = frozenset({"separate", "analyse"})

    def load(self, device: str, tier: str) -> LoadedEngine:  # noqa: ARG002 - it runs on the processor only
        """Imports what it works with; there is nothing else to load."""
        from bandmate_plugins._engines.dsp.loaded import LoadedDsp

        return LoadedDsp()


@hookimpl
def bandmate_engines(register: Callable[[Engine], None]) -> None:
    """Registers the engine."""
    register(DspEngine())
