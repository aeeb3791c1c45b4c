"""A prefix tree over token sequences: which token may come next so that one of them comes out whole.

Whole lines are tokenized, field name and value together, since a tokenizer may join the space before a value to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bandmate_plugins._engines.acestep.planner.token_set import TokenSet, set_of


class ValueTree:
    """A node of the tree: the tokens that may follow, and the nodes that they lead to."""

    def __init__(self, sequences: Iterable[Sequence[int]]) -> None:
        """Raises ValueError if one of the sequences is the beginning of another, or there are none."""
        by_token: dict[int, list[Sequence[int]]] = {}
        for sequence in sequences:
            if not sequence:
                raise ValueError("a value of no tokens, or one that is the beginning of another")
            by_token.setdefault(sequence[0], []).append(sequence[1:])
        self.allowed: TokenSet = set_of(by_token)
        self._next = {
            token: None if rests == [[]] or rests == [()] else ValueTree(rests)
            for token, rests in by_token.items()
        }

    def follow(self, token: int) -> ValueTree | None:
        """The node after a token; None at the end of a sequence. Raises KeyError for a token not allowed."""
        return self._next[token]

    @property
    def depth(self) -> int:
        """Tokens of the longest sequence."""
        return 1 + max((node.depth for node in self._next.values() if node is not None), default=0)
