"""Modules that are on the device only while they work, for cards that do not hold all of a checkpoint.

The weights stay in host memory, once; what a module's tensors point to is exchanged for a copy on the device
and back again. So leaving costs nothing, and the host takes as much memory as the checkpoint has bytes. The
numbers are the same in each way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from bandmate_plugins._engines.acestep.conveyor import LayerStreamer, can_stream, unique_tensors
from bandmate_plugins._engines.acestep.place import DeviceMemory
from bandmate_plugins._engines.acestep.sampling.checkpoint import AceStepCheckpoint


class OffloadedTensors:
    """Tensors of a module that are on the device for a while."""

    def __init__(self, place: DeviceMemory, tensors: list[torch.Tensor]) -> None:
        self._place = place
        self._tensors = tensors
        for tensor in tensors:
            tensor.data = place.pin_to_host(tensor.data)
        self._home: list[torch.Tensor] | None = None

    def move_to_device(self) -> None:
        """Brings them there. Raises torch.OutOfMemoryError; then none of them is there."""
        if self._home is not None:
            return
        self._home = [tensor.data for tensor in self._tensors]
        try:
            for tensor in self._tensors:
                tensor.data = self._place.copy_to_device(tensor.data)
        except BaseException:
            self.move_to_host()
            raise

    def move_to_host(self) -> None:
        """Points them back at host memory."""
        if self._home is None:
            return
        for tensor, home in zip(self._tensors, self._home, strict=True):
            if tensor.data_ptr() != home.data_ptr():
                self._place.release_tensor(tensor.data)
            tensor.data = home
        self._home = None


class OffloadedModules:
    """One module on the device at a time; it stays until another one is used."""

    def __init__(self, checkpoint: AceStepCheckpoint, place: DeviceMemory, dtype: torch.dtype) -> None:
        self.checkpoint = checkpoint
        self.device = place.device
        self.dtype = dtype
        self._place = place
        self._modules: dict[str, torch.nn.Module] = {}
        self._offloaded: dict[str, OffloadedTensors] = {}
        self._present: str | None = None

    @contextmanager
    def use(self, name: str) -> Iterator[Any]:
        """The module, on the device as long as the context lasts. Raises torch.OutOfMemoryError."""
        module = self._get_module(name)
        self._move_to_device(name)
        yield module

    def _get_module(self, name: str) -> torch.nn.Module:
        if name not in self._modules:
            module = self.checkpoint.build_module(name, self.dtype)
            self._modules[name] = module
            self._offloaded[name] = OffloadedTensors(self._place, self._offloaded_tensors(name, module))
        return self._modules[name]

    def _offloaded_tensors(self, name: str, module: torch.nn.Module) -> list[torch.Tensor]:  # noqa: ARG002 - for LayeredModules
        return unique_tensors(module)

    def _move_to_device(self, name: str) -> None:
        if self._present is not None and self._present != name:
            self._move_to_host(self._present)
            self._present = None
        self._offloaded[name].move_to_device()
        self._present = name

    def _move_to_host(self, name: str) -> None:
        self._offloaded[name].move_to_host()


class LayerStreamedModules(OffloadedModules):
    """As `OffloadedModules`, and of some modules two layers at a time: the smallest tier."""

    def __init__(
        self, checkpoint: AceStepCheckpoint, place: DeviceMemory, dtype: torch.dtype, layered: Collection[str]
    ) -> None:
        super().__init__(checkpoint, place, dtype)
        self._layered = layered
        self._streamers: dict[str, list[LayerStreamer]] = {}

    def _offloaded_tensors(self, name: str, module: torch.nn.Module) -> list[torch.Tensor]:
        if name not in self._layered:
            return unique_tensors(module)
        lists = [layers for layers in _layer_lists(module) if can_stream(layers)]
        self._streamers[name] = [LayerStreamer(self._place, layers) for layers in lists]
        inside = {id(tensor) for layers in lists for layer in layers for tensor in unique_tensors(layer)}
        return [tensor for tensor in unique_tensors(module) if id(tensor) not in inside]

    def _move_to_host(self, name: str) -> None:
        super()._move_to_host(name)
        for conveyor in self._streamers.get(name, ()):
            conveyor.release_slots()


def _layer_lists(module: torch.nn.Module) -> Iterator[list[torch.nn.Module]]:
    """The lists of layers in a module, not those inside of a layer."""
    for child in module.children():
        if isinstance(child, torch.nn.ModuleList):
            yield list(child)
        else:
            yield from _layer_lists(child)
