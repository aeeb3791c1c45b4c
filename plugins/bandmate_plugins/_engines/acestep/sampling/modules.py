"""A checkpoint's parts on a device. What is held there at a time is the affair of who implements it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import torch

from bandmate_plugins._engines.acestep.sampling.checkpoint import AceStepCheckpoint


class ModuleProvider(Protocol):
    """The parts of one checkpoint, each on the device while it is in use."""

    checkpoint: AceStepCheckpoint
    device: torch.device
    dtype: torch.dtype

    def use(self, name: str) -> AbstractContextManager[Any]:
        """The part of that name, ready to be called until the context ends."""
        ...


class ResidentModules:
    """Keeps every part on the device once it was used."""

    def __init__(self, checkpoint: AceStepCheckpoint, device: torch.device, dtype: torch.dtype) -> None:
        self.checkpoint = checkpoint
        self.device = device
        self.dtype = dtype
        self._held: dict[str, torch.nn.Module] = {}

    @contextmanager
    def use(self, name: str) -> Iterator[Any]:
        """The part, moved to the device when it is first used."""
        if name not in self._held:
            self._held[name] = self.checkpoint.build_module(name, self.dtype).to(self.device)
        yield self._held[name]
