"""Sets of tokens that may come next. Each is made once and used at every step that is in the same state."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

_FEW = 4_096
"""Up to so many tokens are listed by number rather than marked in a range."""


class TokenSet:
    """The tokens from `low` to `high - 1`, or those of them that `mask` marks.

    Sets are compared by identity, so that what a network derives from one (rows of its last layer, a mask on its
    device) is kept by it.
    """

    def __init__(self, low: int, high: int, mask: NDArray[np.bool_] | None = None) -> None:
        """`mask` has shape (high - low,). Raises ValueError for an empty set."""
        self.low, self.high, self.mask = low, high, mask
        count = high - low if mask is None else int(np.count_nonzero(mask))
        if count <= 0:
            raise ValueError("a set of tokens is never empty")
        self.count = count
        self.ids: NDArray[np.int64] | None = None
        """Its tokens in ascending order, where they are few."""
        if mask is not None and count <= _FEW:
            self.ids = np.flatnonzero(mask).astype(np.int64) + low

    @property
    def forced(self) -> int | None:
        """Its only token; None where there is a choice."""
        if self.count > 1:
            return None
        return self.low if self.ids is None else int(self.ids[0])

    def __contains__(self, token: int) -> bool:
        return self.low <= token < self.high and (self.mask is None or bool(self.mask[token - self.low]))


def set_of(tokens: Iterable[int]) -> TokenSet:
    """A set of single tokens. Raises ValueError if there are none."""
    ids = np.unique(np.fromiter(tokens, np.int64))
    if not len(ids):
        raise ValueError("a set of tokens is never empty")
    low, high = int(ids[0]), int(ids[-1]) + 1
    mask = np.zeros(high - low, np.bool_)
    mask[ids - low] = True
    return TokenSet(low, high, mask)


@cache
def single(token: int) -> TokenSet:
    """The set of one token, the same object each time."""
    return set_of([token])


def union(one: TokenSet, other: TokenSet) -> TokenSet:
    """The tokens of both sets."""
    low, high = min(one.low, other.low), max(one.high, other.high)
    mask = np.zeros(high - low, np.bool_)
    for each in (one, other):
        part = mask[each.low - low : each.high - low]
        part |= True if each.mask is None else each.mask
    return TokenSet(low, high, mask)
