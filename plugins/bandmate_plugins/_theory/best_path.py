"""The likeliest sequence of states, one for each cell, where every change costs the same.

Viterbi's algorithm ("Error bounds for convolutional codes and an asymptotically optimum decoding algorithm",
1967). As no change costs more than another, each step only compares staying with coming from the best state.
Plain Python over some dozens of states is as fast as numpy, and the bridge, which has no numpy, needs it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def best_path(scores: Iterable[Sequence[float]], prices: Iterable[float]) -> list[int]:
    """The path with the greatest sum of scores less prices; of equal ones, the state with the lowest number.

    `scores` has a row for each cell, as long as there are states. `prices` is what a change into each cell costs;
    that of the first one is not used. Empty where there are no cells. Raises ValueError if lengths differ.
    """
    total: list[float] = []
    came_from: list[list[int]] = []
    for row, price in zip(scores, prices, strict=True):
        if not total:
            total = list(row)
            continue
        top = max(total)
        best, changed = total.index(top), top - price
        came_from.append([best if changed > stayed else state for state, stayed in enumerate(total)])
        total = [
            (changed if changed > stayed else stayed) + score
            for stayed, score in zip(total, row, strict=True)
        ]
    if not total:
        return []
    path = [total.index(max(total))]
    for states in reversed(came_from):
        path.append(states[path[-1]])
    return path[::-1]
