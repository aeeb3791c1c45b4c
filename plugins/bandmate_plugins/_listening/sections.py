"""Sections: where music becomes another, and which stretches are alike.

Novelty along the diagonal of a self-similarity matrix of bars (Foote, "Automatic audio segmentation using a
measure of audio novelty", 2000); stretches that are alike get the same letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._platform.arrays import FloatArray64

_MAX_CELLS = 1_500
_KERNELS = (4, 8)
"""Cells on each side that are compared."""
_MIN_NOVELTY = 0.16
_MIN_LENGTH = 4
_ALIKE = 0.80
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class FormPart:
    """Cells from one up to another (exclusive) with a letter."""

    first: int
    last: int
    label: str


def find_sections(harmony: FloatArray64, timbre: FloatArray64) -> list[FormPart]:
    """Divides cells (bars) into sections; from pitch classes and logarithms of bands.

    Very long pieces are looked at in cells of several bars.
    """
    count = len(harmony)
    if not count:
        return []
    group = -(-count // _MAX_CELLS)
    rows = np.hstack(
        (_unit_rows(_group_rows(harmony, group)), 1.0 * _standardize_rows(_group_rows(timbre, group)))
    )
    alike = _row_similarity(rows)
    borders = [0, *_find_borders(alike), len(rows)]
    labels = _section_letters(rows, borders)
    return [
        FormPart(first * group, min(last * group, count), label)
        for first, last, label in zip(borders[:-1], borders[1:], labels, strict=True)
    ]


def _group_rows(rows: FloatArray64, group: int) -> FloatArray64:
    if group == 1:
        return rows
    edges = range(0, len(rows), group)
    return np.array([rows[at : at + group].mean(axis=0) for at in edges])


def _unit_rows(rows: FloatArray64) -> FloatArray64:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _standardize_rows(rows: FloatArray64) -> FloatArray64:
    """Differences from the mean, so that the rows' lengths are about one where they differ as music does."""
    centred = rows - rows.mean(axis=0)
    spread = float(np.sqrt(np.mean(np.sum(centred * centred, axis=1))))
    # Differences below a decibel or so are none.
    return np.asarray(centred / max(spread, 0.5))


def _row_similarity(rows: FloatArray64) -> FloatArray64:
    square = np.sum(rows * rows, axis=1)
    distance = np.maximum(square[:, np.newaxis] + square[np.newaxis] - 2 * rows @ rows.T, 0.0)
    return np.asarray(np.exp(-distance))


def _find_borders(alike: FloatArray64) -> list[int]:
    count = len(alike)
    novelty = np.zeros(count)
    for half in _KERNELS:
        if count >= 2 * half:
            novelty = np.maximum(novelty, _border_novelty(alike, half))
    found: list[int] = []
    for at in np.argsort(-novelty, kind="stable"):
        if novelty[at] < _MIN_NOVELTY:
            break
        if all(abs(int(at) - other) >= _MIN_LENGTH for other in (0, count, *found)):
            found.append(int(at))
    return sorted(found)


def _border_novelty(alike: FloatArray64, half: int) -> NDArray[np.float64]:
    """How alike the cells on each side are among themselves beyond how alike the sides are."""
    count = len(alike)
    total = np.zeros((count + 1, count + 1))
    total[1:, 1:] = alike.cumsum(axis=0).cumsum(axis=1)

    def mean(top: int, bottom: int, left: int, right: int) -> float:
        area = (bottom - top) * (right - left)
        return float(total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]) / area

    out = np.zeros(count)
    for at in range(2, count - 1):
        low, high = max(0, at - half), min(count, at + half)
        own = (mean(low, at, low, at) + mean(at, high, at, high)) / 2
        size = min(at - low, high - at) / half
        out[at] = (own - mean(low, at, at, high)) * np.sqrt(size)
    return out


def _section_letters(rows: FloatArray64, borders: list[int]) -> list[str]:
    """The letter of the most alike section before, if it is alike enough; else the next letter."""
    means = [rows[first:last].mean(axis=0) for first, last in pairwise(borders)]
    groups: list[list[int]] = []
    out: list[int] = []
    for number, mean in enumerate(means):
        likeness = [
            float(np.exp(-np.sum((mean - np.mean([means[one] for one in group], axis=0)) ** 2)))
            for group in groups
        ]
        best = int(np.argmax(likeness)) if likeness else -1
        if best >= 0 and likeness[best] >= _ALIKE:
            groups[best].append(number)
        else:
            best = len(groups)
            groups.append([number])
        out.append(best)
    return [_nth_letter(number) for number in out]


def _nth_letter(number: int) -> str:
    return _LETTERS[number % 26] + (str(number // 26 + 1) if number >= 26 else "")
