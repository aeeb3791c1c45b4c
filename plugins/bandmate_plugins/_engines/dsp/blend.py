"""Weighs cues against each other: how much each speaks for each part, at each frequency.

The masks are the softmax of a weighted sum of cues (multinomial logistic regression), so they are above zero
and sum to one. The weights are curves over frequency, a few numbers each, in `blend.toml`;
tests/measure/separation_fit.py finds them from music whose parts are known.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from bandmate_plugins._engines.dsp.stft import Floats, StftGrid

KNOTS = (65.0, 110.0, 190.0, 340.0, 650.0, 1_300.0, 2_600.0, 5_000.0, 9_000.0, 15_000.0)
"""The frequencies, in hertz, at which a curve has a value; straight lines over log frequency between."""


@cache
def load_curves(name: str) -> dict[str, Any]:
    """The curves of a blend: for each part, a list of values at the KNOTS for each cue."""
    text = (resources.files("bandmate_plugins._engines.dsp") / "blend.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(text)[name]
    return found


def knot_weights(frequencies: Floats) -> Floats:
    """How much of each knot's value each frequency has, shape (knots, frequencies)."""
    at = np.log2(np.maximum(frequencies, 1.0))
    knots = np.log2(KNOTS)
    rows = [np.interp(at, knots, np.eye(len(knots))[knot]) for knot in range(len(knots))]
    return np.array(rows, np.float32)


class CueBlend:
    """The curves of one set of parts on the bins of a grid."""

    def __init__(self, grid: StftGrid, name: str) -> None:
        weights = knot_weights(grid.frequencies)
        self._curves: dict[str, Floats] = {
            part: np.einsum("ck,kf->cf", np.array(values, np.float32), weights)
            for part, values in load_curves(name).items()
        }

    def part_shares(self, cues: Sequence[Floats | None]) -> dict[str, Floats]:
        """A share of shape (frames, bins) for each part; cues of shape (frames, bins) or (frames, 1)."""
        sums = {part: self._weighted_sum(curves, cues) for part, curves in self._curves.items()}
        top = np.maximum.reduce(list(sums.values()))
        shares = {part: np.exp(value - top) for part, value in sums.items()}
        total = np.add.reduce(list(shares.values()))
        for share in shares.values():
            share /= total
        return shares

    def _weighted_sum(self, curves: Floats, cues: Sequence[Floats | None]) -> Floats:
        total = np.zeros((1, curves.shape[1]), np.float32)
        for curve, cue in zip(curves, cues, strict=True):
            total = total + (curve if cue is None else curve * cue)
        return total
