"""Builds a network only as far as its weights go.

A configuration may ask for any size, and packages take the memory before they compare the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_SLACK_NUMBERS = 16 << 20
"""Beside weights: windows, tables of positions and the like."""
_SLACK_TENSORS = 1_000
_BY_SIZE = frozenset({torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn, torch.full})


class AllowanceError(ValueError):
    """Raised when a configuration asks for a far larger network than the weights beside it."""


class TensorAllowance(TorchFunctionMode):
    """While it is entered, tensors may be made that are a few times the weights, in number and in size.

    `sizes` has how many numbers each of the weights holds. Raises AllowanceError before one more is made.
    """

    def __init__(self, sizes: Collection[int]) -> None:
        super().__init__()
        self._numbers = 2 * sum(sizes) + _SLACK_NUMBERS
        self._tensors = 10 * len(sizes) + _SLACK_TENSORS

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """See torch.overrides.TorchFunctionMode."""
        given = dict(kwargs or {})
        if func in _BY_SIZE:
            self._tensors -= 1
            self._numbers -= _tensor_size(args, given)
            if min(self._tensors, self._numbers) < 0:
                raise AllowanceError("its configuration is far larger than its weights")
        return func(*args, **given)


def _tensor_size(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> int:
    """How many numbers a tensor gets that is made by `torch.empty` and its like."""
    wanted = kwargs.get("size", args)
    if len(wanted) and not isinstance(wanted[0], int):
        wanted = wanted[0]
    return math.prod(int(side) for side in wanted if isinstance(side, int))
