"""Counts the memory that tensors take, by shapes alone: on torch's `meta` device nothing is computed."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Counting(TorchDispatchMode):
    """While it is entered, every storage that an operation makes is counted until it is let go of.

    Those of ``known`` modules are not: weights, and what only looks at them.
    """

    def __init__(self, *known: torch.nn.Module) -> None:
        super().__init__()
        self.most = 0
        self._now = 0
        self._known = {
            tensor.untyped_storage()._cdata
            for module in known
            for tensor in (*module.parameters(), *module.buffers())
        }
        self._held: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor.untyped_storage())
        return out

    def _count(self, storage: Any) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in self._held or key in self._known:
            return
        self._held.add(key)
        self._now += size
        self.most = max(self.most, self._now)
        weakref.finalize(storage, self._gone, key, size)

    def _gone(self, key: int, size: int) -> None:
        self._held.discard(key)
        self._now -= size
