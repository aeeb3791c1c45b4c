"""Modules that are on the device only while they work, for cards that do not hold all of a checkpoint.

The weights stay in host memory, once; what a module's tensors point to is exchanged for a copy on the device
and back again. So leaving costs nothing, and the host takes as much memory as the checkpoint has bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from bandmate_plugins.acestep.network.checkpoint import Checkpoint


class Place:
    """A device that tensors are brought to."""

    def __init__(self, device: str) -> None:
        self.device = torch.device(device)

    def hold(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor in host memory, pinned where that makes the way to the device faster."""
        return tensor.pin_memory() if self.device.type == "cuda" else tensor

    def bring(self, tensor: torch.Tensor) -> torch.Tensor:
        """A copy on the device. Raises torch.OutOfMemoryError."""
        return tensor.to(self.device, non_blocking=True)

    def gone(self, tensor: torch.Tensor) -> None:
        """Called when a copy is let go of; its memory is free for the next."""


class Guest:
    """Tensors of a module that are on the device for a while."""

    def __init__(self, place: Place, tensors: list[torch.Tensor]) -> None:
        self._place = place
        self._tensors = tensors
        for tensor in tensors:
            tensor.data = place.hold(tensor.data)
        self._home: list[torch.Tensor] | None = None

    def arrive(self) -> None:
        """Brings them there. Raises torch.OutOfMemoryError; then none of them is there."""
        if self._home is not None:
            return
        self._home = [tensor.data for tensor in self._tensors]
        try:
            for tensor in self._tensors:
                tensor.data = self._place.bring(tensor.data)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Points them back at host memory."""
        if self._home is None:
            return
        for tensor, home in zip(self._tensors, self._home, strict=True):
            if tensor.data_ptr() != home.data_ptr():
                self._place.gone(tensor.data)
            tensor.data = home
        self._home = None


class VisitingModules:
    """One module on the device at a time; it stays until another one is used."""

    def __init__(self, checkpoint: Checkpoint, place: Place, dtype: torch.dtype) -> None:
        self.checkpoint = checkpoint
        self.device = place.device
        self.dtype = dtype
        self._place = place
        self._modules: dict[str, torch.nn.Module] = {}
        self._guests: dict[str, Guest] = {}
        self._present: str | None = None

    @contextmanager
    def use(self, name: str) -> Iterator[Any]:
        """The module, on the device as long as the context lasts. Raises torch.OutOfMemoryError."""
        module = self._module(name)
        self._admit(name)
        yield module

    def _module(self, name: str) -> torch.nn.Module:
        if name not in self._modules:
            module = self.checkpoint.build(name, self.dtype)
            self._modules[name] = module
            self._guests[name] = Guest(self._place, self._own(name, module))
        return self._modules[name]

    def _own(self, name: str, module: torch.nn.Module) -> list[torch.Tensor]:  # noqa: ARG002 - for LayeredModules
        return _tensors(module)

    def _admit(self, name: str) -> None:
        if self._present is not None and self._present != name:
            self._guests[self._present].leave()
            self._present = None
        self._guests[name].arrive()
        self._present = name


class LayeredModules(VisitingModules):
    """As `VisitingModules`, and of one module only one layer at a time: the smallest tier."""

    def __init__(self, checkpoint: Checkpoint, place: Place, dtype: torch.dtype, layered: str) -> None:
        super().__init__(checkpoint, place, dtype)
        self._layered = layered

    def _own(self, name: str, module: torch.nn.Module) -> list[torch.Tensor]:
        if name != self._layered:
            return _tensors(module)
        layers = _layers_of(module)
        inside = {id(tensor) for layer in layers for tensor in _tensors(layer)}
        for layer in layers:
            _visit_for_its_turn(layer, Guest(self._place, _tensors(layer)))
        return [tensor for tensor in _tensors(module) if id(tensor) not in inside]


def _visit_for_its_turn(layer: torch.nn.Module, guest: Guest) -> None:
    """A layer comes when it is called and leaves when it is done, also when it fails."""

    def arrive(*_: Any) -> None:
        guest.arrive()

    def leave(*_: Any) -> None:
        guest.leave()

    layer.register_forward_pre_hook(arrive)
    layer.register_forward_hook(leave, always_call=True)


def _layers_of(module: torch.nn.Module) -> list[torch.nn.Module]:
    """The layers of the list in a module that has most of its weights."""
    lists = [part for part in module.modules() if isinstance(part, torch.nn.ModuleList)]
    largest: Any = max(lists, key=lambda part: sum(tensor.nbytes for tensor in _tensors(part)))
    return list(largest)


def _tensors(module: torch.nn.Module) -> list[torch.Tensor]:
    """Parameters and buffers, each once."""
    found = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    return list(found.values())
