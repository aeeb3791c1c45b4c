"""Layers of equal shape that pass through two rooms on the device: one computes while the next one comes."""

from __future__ import annotations

from typing import Any

import torch

from bandmate_plugins._engines.acestep.place import DeviceMemory


class LayerStreamer:
    """The layers of a module, called in order, over and over.

    Their weights stay in host memory. While a layer computes, the one after it is copied into the other room;
    after the last one that is the first again, for the next step. So a step takes as long as the computing or
    as the copying, whichever is longer, and on the device there are two layers at a time.
    """

    def __init__(self, place: DeviceMemory, layers: list[torch.nn.Module]) -> None:
        self._place = place
        self._tensors = [unique_tensors(layer) for layer in layers]
        for tensor in (tensor for layer in self._tensors for tensor in layer):
            tensor.data = place.pin_to_host(tensor.data)
        self._homes = [[tensor.data for tensor in layer] for layer in self._tensors]
        self._slots: list[list[torch.Tensor]] = []
        self._holds: list[int | None] = [None, None]
        """Which layer is in a room, or on its way there."""
        self._copied: list[Any] = [None, None]
        self._computed: list[Any] = [None, None]
        for number, layer in enumerate(layers):
            self._register_hooks(number, layer)

    def _register_hooks(self, number: int, layer: torch.nn.Module) -> None:
        def before(*_: Any) -> None:
            self._before_layer(number)

        def after(*_: Any) -> None:
            self._after_layer(number)

        layer.register_forward_pre_hook(before)
        layer.register_forward_hook(after, always_call=True)

    def release_slots(self) -> None:
        """Gives the rooms back. Nothing is in them that is needed, or still on its way."""
        for room, copied in zip(self._slots, self._copied, strict=False):
            self._place.wait_for(copied)
            for tensor in room:
                self._place.release_tensor(tensor)
        self._slots = []
        self._holds, self._copied, self._computed = [None, None], [None, None], [None, None]

    def _before_layer(self, number: int) -> None:
        """Raises torch.OutOfMemoryError when there is no memory for the two rooms."""
        self._allocate_slots()
        if number not in self._holds:
            self._copy_to_slot(number, 0)
        room = self._holds.index(number)
        self._place.wait_for(self._copied[room])
        for tensor, there in zip(self._tensors[number], self._slots[room], strict=True):
            tensor.data = there
        following = (number + 1) % len(self._tensors)
        if following not in self._holds:
            self._copy_to_slot(following, 1 - room)

    def _after_layer(self, number: int) -> None:
        for tensor, home in zip(self._tensors[number], self._homes[number], strict=True):
            tensor.data = home
        if number in self._holds:
            self._computed[self._holds.index(number)] = self._place.record_mark()

    def _copy_to_slot(self, number: int, room: int) -> None:
        """Has a layer copied into a room, once what was computed in there is done."""
        self._holds[room] = number
        self._copied[room] = self._place.copy_async(
            self._slots[room], self._homes[number], self._computed[room]
        )

    def _allocate_slots(self) -> None:
        while len(self._slots) < 2:
            made: list[torch.Tensor] = []
            try:
                for home in self._homes[0]:
                    made.append(self._place.allocate_like(home))  # noqa: PERF401 - what was made is given back below
            except BaseException:
                for tensor in made:
                    self._place.release_tensor(tensor)
                self.release_slots()
                raise
            self._slots.append(made)
            # Whatever used that memory before must be done with it.
            self._computed[len(self._slots) - 1] = self._place.record_mark()


def can_stream(layers: list[torch.nn.Module]) -> bool:
    """Whether layers can take turns in the same memory: more than two, all of the same shapes."""
    shapes = [[(tensor.shape, tensor.dtype) for tensor in unique_tensors(layer)] for layer in layers]
    return len(layers) > 2 and all(each == shapes[0] for each in shapes)


def unique_tensors(module: torch.nn.Module) -> list[torch.Tensor]:
    """Parameters and buffers, each once."""
    found = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    return list(found.values())
