"""The parts of a text that the planner writes: forced tokens, one value of several, free text, audio codes.

A segment says which tokens may come next and takes the one that came. They are plain values without a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bandmate_plugins._engines.acestep.planner.token_set import TokenSet, single
from bandmate_plugins._engines.acestep.planner.value_tree import ValueTree


class Segment(Protocol):
    """A part of the text. `done` segments are left; `take` is only called with a token that is allowed."""

    @property
    def done(self) -> bool:
        """Whether nothing more belongs to it."""
        ...

    @property
    def most_tokens(self) -> int:
        """The largest number of tokens that it can still take."""
        ...

    def allowed(self, following: TokenSet | None) -> TokenSet:
        """The tokens that may come now; `following` are those that the next segment begins with."""
        ...

    def take(self, token: int) -> bool:
        """Takes a token. False: the token belongs to the next segment, and this one is done."""
        ...


class ForcedTokens:
    """A fixed sequence of tokens."""

    def __init__(self, tokens: Sequence[int]) -> None:
        """Raises ValueError for no tokens."""
        if not tokens:
            raise ValueError("a forced sequence has at least one token")
        self.tokens = tuple(tokens)
        self._taken = 0

    @property
    def done(self) -> bool:
        """Whether all of it was taken."""
        return self._taken == len(self.tokens)

    @property
    def most_tokens(self) -> int:
        """What is left of it."""
        return len(self.tokens) - self._taken

    def allowed(self, following: TokenSet | None) -> TokenSet:  # noqa: ARG002 - of the protocol
        """The next token of the sequence."""
        return single(self.tokens[self._taken])

    def take(self, token: int) -> bool:  # noqa: ARG002 - of the protocol
        """Counts it."""
        self._taken += 1
        return True

    def rest(self) -> tuple[int, ...]:
        """The tokens that were not taken yet."""
        return self.tokens[self._taken :]


class OneOfValues:
    """One of several token sequences."""

    def __init__(self, tree: ValueTree) -> None:
        self._node: ValueTree | None = tree

    @property
    def done(self) -> bool:
        """Whether a sequence is whole."""
        return self._node is None

    @property
    def most_tokens(self) -> int:
        """What is left of the longest sequence."""
        return 0 if self._node is None else self._node.depth

    def allowed(self, following: TokenSet | None) -> TokenSet:  # noqa: ARG002 - of the protocol
        """The tokens that lead on to one of the sequences."""
        assert self._node is not None, "a value that is whole takes no more tokens"
        return self._node.allowed

    def take(self, token: int) -> bool:
        """Follows the tree."""
        assert self._node is not None, "a value that is whole takes no more tokens"
        self._node = self._node.follow(token)
        return True


class AudioCodes:
    """Exactly so many audio codes."""

    def __init__(self, codes: TokenSet, count: int) -> None:
        self._codes, self._left = codes, count

    @property
    def done(self) -> bool:
        """Whether all of them came."""
        return self._left == 0

    @property
    def most_tokens(self) -> int:
        """How many are to come."""
        return self._left

    def allowed(self, following: TokenSet | None) -> TokenSet:  # noqa: ARG002 - of the protocol
        """Every audio code."""
        return self._codes

    def take(self, token: int) -> bool:  # noqa: ARG002 - of the protocol
        """Counts it."""
        self._left -= 1
        return True
