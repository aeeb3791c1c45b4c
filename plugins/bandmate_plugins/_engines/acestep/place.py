"""A device that weights are brought to, and the order in which copying and computing happen there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from bandmate_plugins._engines.acestep import memory


class DeviceMemory:
    """A device. On a CUDA one copies run beside the computing, in a stream of their own."""

    def __init__(self, device: str) -> None:
        self.device = torch.device(device)
        stream: Any = torch.cuda.Stream
        self._copying = stream(self.device) if self.device.type == "cuda" else None

    def free_bytes(self) -> float:
        """The memory that is free for this process, measured; on the CPU without limit."""
        return memory.free_bytes(str(self.device))

    def pin_to_host(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor in host memory, pinned where that makes the way to the device faster."""
        return tensor.pin_memory() if self.device.type == "cuda" else tensor

    def copy_to_device(self, tensor: torch.Tensor) -> torch.Tensor:
        """A copy on the device. Raises torch.OutOfMemoryError."""
        return tensor.to(self.device, non_blocking=True)

    def allocate_like(self, tensor: torch.Tensor) -> torch.Tensor:
        """Memory on the device for a tensor like this. Raises torch.OutOfMemoryError."""
        return torch.empty_like(tensor, device=self.device)

    def release_tensor(self, tensor: torch.Tensor) -> None:
        """Called when memory on the device is let go of; it is free for the next."""

    def copy_async(self, rooms: Sequence[torch.Tensor], tensors: Sequence[torch.Tensor], after: Any) -> Any:
        """Begins to copy tensors into their rooms, once a mark is reached; returns the mark of its end."""
        if self._copying is None:
            for room, tensor in zip(rooms, tensors, strict=True):
                room.copy_(tensor)
            return None
        with torch.cuda.stream(self._copying):
            if after is not None:
                self._copying.wait_event(after)
            for room, tensor in zip(rooms, tensors, strict=True):
                room.copy_(tensor, non_blocking=True)
            return self._copying.record_event()

    def record_mark(self) -> Any:
        """A mark after all of the computing that was asked for so far."""
        return None if self._copying is None else torch.cuda.current_stream(self.device).record_event()

    def wait_for(self, mark: Any) -> None:
        """Lets the computing that is asked for from now on wait for a mark."""
        if mark is not None:
            torch.cuda.current_stream(self.device).wait_event(mark)
