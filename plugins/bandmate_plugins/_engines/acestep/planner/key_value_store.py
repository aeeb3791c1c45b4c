"""Keys and values of a transformer in memory that is taken once, for a text of a known largest length."""

from __future__ import annotations

from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin


class PreallocatedLayer(CacheLayerMixin):  # type: ignore[no-untyped-call]  # of its base
    """One layer's keys and values, shape (rows, heads, tokens, width); hands out views of what is filled.

    transformers' own dynamic cache copies everything at each token, and its static one attends to all of its room.
    """

    is_sliding = False

    def __init__(self, room: int) -> None:
        """`room` is the largest number of tokens."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._room, self._length = room, 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Takes the memory, once the first tokens show its kind."""
        rows, heads, _, width = key_states.shape
        self.keys = key_states.new_empty((rows, heads, self._room, width))
        self.values = value_states.new_empty((rows, heads, self._room, value_states.shape[-1]))
        self.is_initialized = True

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        *_: Any,
        **__: Any,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Adds tokens; returns views of all there are."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        assert self.keys is not None and self.values is not None, "memory was taken above"  # noqa: PT018
        end = self._length + key_states.shape[-2]
        self.keys[:, :, self._length : end] = key_states
        self.values[:, :, self._length : end] = value_states
        self._length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """How many tokens there will be, and from which on."""
        return self._length + query_length, 0

    def get_seq_length(self) -> int:
        """How many tokens there are."""
        return self._length

    def get_max_length(self) -> int:
        """How many tokens fit."""
        return self._room


def make_store(layers: int, room: int) -> Cache:
    """A store for so many layers and tokens."""
    return Cache(layers=[PreallocatedLayer(room) for _ in range(layers)])
