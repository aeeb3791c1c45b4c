"""The moments of a range at which music on its grid has beats."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_protocol.tempo import TempoMap

_HALF_WEIGHT = 0.3
"""What lies between two beats, beside a beat: there music swings."""


@dataclass(frozen=True)
class GridPoints:
    """Beats, the halves between them, and bar lines, all in frames from the range's start."""

    edges: FloatArray64
    """The range's start, the bar lines in it, and its end."""
    places: FloatArray64
    """Beats of the metre's denominator and the halves between them, rising."""
    weights: FloatArray64
    """How much each of them counts."""
    is_beat: NDArray[np.bool_]
    bars: float
    """Bars in the range, the last one as far as it goes."""

    @property
    def beat_frames(self) -> float:
        """The median length of a beat."""
        beats = self.places[self.is_beat]
        return float(np.median(np.diff(beats))) if len(beats) > 1 else float(self.edges[-1])


def grid_points(tempo: TempoMap, start: int, end: int) -> GridPoints:
    """The grid of a range of the project's frames."""
    beats = [beat.position for beat in tempo.beats(start, end)]
    halves = [
        tempo.position_at((tempo.quarters_at(one) + tempo.quarters_at(other)) / 2)
        for one, other in pairwise(beats)
    ]
    places = np.array([*beats, *halves]) - start
    order = np.argsort(places, kind="stable")
    is_beat = np.arange(len(places)) < len(beats)
    bars = list(tempo.bars(start, end))
    lines = [bar.start - start for bar in bars if start + 1 < bar.start < end - 1]
    shares = [(min(bar.end, end) - max(bar.start, start)) / (bar.end - bar.start) for bar in bars]
    weights = np.where(is_beat, 1.0, _HALF_WEIGHT)
    return GridPoints(
        np.array([0.0, *lines, float(end - start)]),
        places[order],
        weights[order],
        is_beat[order],
        float(np.clip(shares, 0.0, 1.0).sum()),
    )
