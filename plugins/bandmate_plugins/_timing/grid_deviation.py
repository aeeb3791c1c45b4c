"""Whether music lies on the grid it was told, how far it is off, and the map that would put it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from bandmate_plugins._listening.features import AudioFeatures, FeatureExtractor
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._timing.attack_rises import attack_rises
from bandmate_plugins._timing.band_sources import Reader
from bandmate_plugins._timing.grid_points import GridPoints, grid_points
from bandmate_plugins._timing.lateness import LatenessFinder, LatenessPath
from bandmate_plugins._timing.time_map import TimeMap
from bandmate_protocol.tempo import TempoMap

MAX_DRIFT_MS_PER_BAR = 5.0
"""What music may be off its grid more at the end of a bar than at its start."""
_MAX_LATE_MS = 25.0
"""How late or early the whole of it may be."""
_SURE = 1.04
"""How much clearer the grid must be than any wrong one. Music at another tempo reaches 0.84, noise 0.97, random clicks
1.01 and pads 1.03; music on its grid has 1.06 (sparse reggae) to 1.6."""
_WRONG_TEMPI = (0.86, 0.885, 1.12, 1.165)
"""As shares of the tempo: further off than music is looked for, and out of reach of 3/4, 4/5, 5/4 and 4/3."""
MIN_BEATS = 4
"""With fewer of them nothing is measured."""
_BLOCK_SECONDS = 10.0
_MAX_SPEED = 1.15
"""Of what lies between an end that is held and the bar line next to it."""


@dataclass(frozen=True)
class GridDeviation:
    """How music lies against its grid."""

    path: LatenessPath
    certainty: float
    """How much clearer its grid is than any wrong one."""
    bars: float
    beats: int
    rate: int

    @property
    def is_sure(self) -> bool:
        """Whether the music can be measured at all."""
        return self.certainty >= _SURE

    @cached_property
    def late_ms(self) -> FloatArray64:
        """How late it is at the start, at each bar line and at the end."""
        return np.asarray(self.path.late * 1_000 / self.rate)

    @property
    def drift_ms_per_bar(self) -> float:
        """How much later each bar ends than it began, in the mean; negative where the music is too fast."""
        return float((self.late_ms[-1] - self.late_ms[0]) / max(self.bars, 1e-9))

    @property
    def worst_bar_ms(self) -> float:
        """How much the lateness changes in the bar in which it changes most."""
        return float(np.abs(np.diff(self.late_ms)).max())

    @property
    def is_off(self) -> bool:
        """Whether it is so far off that it should be fitted."""
        moving = max(abs(self.drift_ms_per_bar), float(np.sqrt(np.mean(np.diff(self.late_ms) ** 2))))
        return moving > MAX_DRIFT_MS_PER_BAR or float(np.abs(self.late_ms).max()) > _MAX_LATE_MS

    @property
    def report(self) -> dict[str, Any]:
        """For programs."""
        if not self.is_sure:
            return {"clear": False}
        return {
            "clear": True,
            "drift_ms_per_bar": round(self.drift_ms_per_bar, 2),
            "worst_bar_ms": round(self.worst_bar_ms, 2),
            "late_ms_at_start": round(float(self.late_ms[0]), 1),
            "late_ms_at_end": round(float(self.late_ms[-1]), 1),
        }

    def beside(self, start_late: float, end_late: float) -> GridDeviation:
        """How the music lies against a grid that is late itself, by so many frames at its start and at its end."""
        edges = self.path.edges
        wanted = np.interp(edges, edges[[0, -1]], [start_late, end_late])
        return replace(self, path=replace(self.path, late=self.path.late - wanted))

    def fitting_map(self, available: int, *, holds_start: bool = False, holds_end: bool = False) -> TimeMap:
        """The map that puts the music on its grid, where so many frames of it are there.

        The first frame stays the first unless the music begins late; an end that is held, as other music goes on
        there, stays anyhow. Where too slow music ends before its last beats, the last bar stays as slow as it has to.
        """
        source = self.path.edges + self.path.late
        begins_late = self.late_ms[0] > _MAX_LATE_MS and not holds_start
        source[0] = self.path.late[0] if begins_late else 0.0
        if holds_end:
            source[-1] = self.path.edges[-1]
        # Far less than a beat: bars stay in their order.
        source = np.maximum.accumulate(np.minimum(source, max(available, self.path.edges[-1])))
        time_map = TimeMap(source, self.path.edges)
        return _without_jerks(time_map, holds_start=holds_start, holds_end=holds_end)


def measure_audio(
    read: Reader, frames: int, tempo: TempoMap, start: int, end: int, check: Callable[[], None]
) -> GridDeviation:
    """As `measure_grid`, of audio that is read here: so many frames, the first of which is at `start`.

    `check` is called before each piece.
    """
    features = FeatureExtractor(tempo.sample_rate, 2)
    block = round(_BLOCK_SECONDS * tempo.sample_rate)
    for at in range(0, frames, block):
        check()
        features.add(read(at, min(at + block, frames)))
    return measure_grid(features.finish(), tempo, start, end)


def measure_grid(features: AudioFeatures, tempo: TempoMap, start: int, end: int) -> GridDeviation:
    """Measures music that plays from `start` to `end` of the project; its audio may go on."""
    points = grid_points(tempo, start, end)
    rises = attack_rises(features.attacks)
    rate, beats = tempo.sample_rate, int(points.is_beat.sum())
    finder = LatenessFinder(rises, rate)
    path = finder.find_path(points)
    if not rises.any() or beats < MIN_BEATS:
        return GridDeviation(path, 0.0, points.bars, beats, rate)
    wrong = [finder.find_clarity(_at_another_tempo(points, share)) for share in _WRONG_TEMPI]
    return GridDeviation(path, path.clarity / max(max(wrong), 1e-9), points.bars, beats, rate)


def _without_jerks(time_map: TimeMap, *, holds_start: bool, holds_end: bool) -> TimeMap:
    """The map without bar lines so near to an end that is held that what lies between would play at another speed."""
    source, target = time_map.source, time_map.target
    while holds_start and len(target) > 2 and not _plays_alike(source[:2], target[:2]):
        source, target = np.delete(source, 1), np.delete(target, 1)
    while holds_end and len(target) > 2 and not _plays_alike(source[-2:], target[-2:]):
        source, target = np.delete(source, -2), np.delete(target, -2)
    return TimeMap(source, target)


def _plays_alike(source: FloatArray64, target: FloatArray64) -> bool:
    speed = float((source[1] - source[0]) / (target[1] - target[0]))
    return 1 / _MAX_SPEED <= speed <= _MAX_SPEED


def _at_another_tempo(points: GridPoints, share: float) -> GridPoints:
    end = points.edges[-1]
    edges, places = points.edges / share, points.places / share
    inside = places < end
    return replace(
        points,
        edges=np.append(edges[edges < end - 1], end),
        places=places[inside],
        weights=points.weights[inside],
        is_beat=points.is_beat[inside],
    )
