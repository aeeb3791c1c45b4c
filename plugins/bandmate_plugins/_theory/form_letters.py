"""Letters that name the parts of a form, A B A C, where chords could stand too."""

from __future__ import annotations

from collections.abc import Sequence


def are_form_letters(symbols: Sequence[str]) -> bool:
    """Whether symbols are bare letters that come up in alphabetical order, or one letter again and again."""
    if any(len(symbol) != 1 or symbol not in "ABCDEFG" for symbol in symbols):
        return False
    order = list(dict.fromkeys(symbols))
    return len(order) == 1 or order == list("ABCDEFG"[: len(order)])
