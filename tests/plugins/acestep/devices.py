"""Devices that are the CPU with a memory of their own: one of a set size, and one whose copies are late."""

from __future__ import annotations

from typing import Any

import torch

from bandmate_plugins._engines.acestep.place import DeviceMemory


class SmallDevice(DeviceMemory):
    """The CPU, with so many bytes of memory of its own."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__("cpu")
        self.size_bytes = size_bytes
        self.held = 0
        self.most = 0

    def copy_to_device(self, tensor: torch.Tensor) -> torch.Tensor:
        if self.held + tensor.nbytes > self.size_bytes:
            raise torch.OutOfMemoryError("the small device is full")
        self.held += tensor.nbytes
        self.most = max(self.most, self.held)
        return tensor.clone()

    def allocate_like(self, tensor: torch.Tensor) -> torch.Tensor:
        return torch.full_like(self.copy_to_device(tensor), float("nan"))

    def release_tensor(self, tensor: torch.Tensor) -> None:
        self.held -= tensor.nbytes


class LateDevice(SmallDevice):
    """Copies as late as it may: when they are waited for. What is computed earlier is computed with NaN."""

    def __init__(self) -> None:
        super().__init__(1 << 20)
        self.under_way: list[tuple[int, list[torch.Tensor], list[torch.Tensor]]] = []
        self.order: list[str] = []
        self.marks = 0

    def copy_async(self, rooms: Any, tensors: Any, after: Any) -> int:
        assert after is not None, "what the room was used for before is not known to be done"
        self.marks += 1
        self.under_way.append((self.marks, list(rooms), list(tensors)))
        self.order.append(f"copy after {after}")
        return self.marks

    def record_mark(self) -> int:
        self.marks += 1
        self.order.append(f"computed {self.marks}")
        return self.marks

    def wait_for(self, mark: Any) -> None:
        done = [each for each in self.under_way if each[0] == mark]
        for _, rooms, tensors in done:
            for room, tensor in zip(rooms, tensors, strict=True):
                room.copy_(tensor)
        self.under_way = [each for each in self.under_way if each[0] != mark]
