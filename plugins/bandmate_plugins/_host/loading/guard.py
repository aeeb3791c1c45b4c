"""Keeps model libraries out of a process, and notes who asked for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from bandmate_protocol.texts import say

HEAVY = frozenset({"torch", "torchaudio", "transformers", "diffusers", "tensorflow", "jax"})
"""Libraries that take seconds and hundreds of megabytes; only `Engine.load` may import them."""


class HeavyGuard(MetaPathFinder, Loader):
    """Answers each import of a heavy library with ImportError, before any of its code runs.

    That one is installed can still be asked (`importlib.util.find_spec`).
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        """The heavy libraries whose import was tried."""

    def install(self) -> None:
        """Guards this process from here on."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Finds the guard itself in place of an installed heavy library."""
        if fullname not in HEAVY:
            return None
        real = PathFinder.find_spec(fullname, path, target)
        return ModuleSpec(fullname, self, origin=real.origin) if real else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Leaves that to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Notes who was asked for, and refuses."""
        self.asked.append(module.__name__)
        raise ImportError(
            say("{name} may only be imported inside Engine.load()", name=module.__name__),
            name=module.__name__,
        )
