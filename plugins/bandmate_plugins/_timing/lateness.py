"""How late music plays against the grid that it was told: a path of lateness over the bars.

The path is the one on which the most begins: beats are laid over the moments at which sounds begin, each bar a
little faster or slower than the one before, and the best paths go on (a beam search, after Lowerre, "The HARPY
speech recognition system", 1976). A beat tracker would have to find tempo and metre first; here both are known to a
few percent, so that neither half the tempo nor the off-beat is taken for the beat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d

from bandmate_plugins._platform.arrays import FloatArray64, IntArray64
from bandmate_plugins._timing.attack_rises import RISES_PER_SECOND
from bandmate_plugins._timing.grid_points import GridPoints

MAX_DRIFT = 0.065
"""How much faster or slower than its grid music is looked for, as a share."""
_DRIFT_STEP = 0.0025
_MAX_BEND_STEPS = 4
"""How much the drift may change from one bar to the next, in steps."""
_BEND_COST = 1.5
"""Of one step, squared for more; an attack of usual strength on a beat is worth 1."""
_USUAL_LATE_SECONDS = 0.06
"""How far from the start of the range music usually begins."""
_LATE_STEP_SECONDS = 0.004
_BEAM = 300
_COARSE_SECONDS, _FINE_SECONDS = 0.012, 0.003
"""How far attacks are spread when they are compared with beats."""
_NEAR_SECONDS, _NEAR_STEP_SECONDS = 0.030, 0.0005
_WIDE_REACHES, _NARROW_REACHES = (1.5, 1.5, 1.5), (1.0, 0.75)
"""How many bars on either side of an edge are heard, one round after the other."""
_CLOSE_SECONDS = 0.010
_LINE_ROUNDS, _WEIGHT_ROUNDS = 3, 4
_USUAL_OFF_SECONDS = 0.003
"""How far attacks are usually off the beat; what is further off counts less."""
_MOST_WEIGHT = 6.0
_STIFFNESS = 0.05
"""What a bend at an edge costs beside the beats; without it, the ends of the path follow a single attack."""
_SURE = 2.0
"""How much more must begin at the best lag of a bar than at the mean one."""


@dataclass(frozen=True)
class LatenessPath:
    """Music is `late` frames behind its grid at each of `edges`, and evenly more or less in between."""

    edges: FloatArray64
    """Frames from the start of the range."""
    late: FloatArray64
    clarity: float
    """How much more begins on its beats than anywhere; 1 is chance."""


class LatenessFinder:
    """Looks for paths in music whose `rises` begin where the range does."""

    def __init__(self, rises: FloatArray64, rate: int) -> None:
        self._coarse = _RiseCurve(rises, _COARSE_SECONDS, rate)
        self._fine = _RiseCurve(rises, _FINE_SECONDS, rate)
        self._rate = rate

    def find_path(self, points: GridPoints) -> LatenessPath:
        """The path on which the most begins."""
        wide = self._wide_path(points)
        late = _refine_path(self._fine, points, wide.late, self._rate, _NARROW_REACHES)
        return replace(wide, late=_fit_lines(self._fine, points, late, self._rate))

    def find_clarity(self, points: GridPoints) -> float:
        """That of the path, without the path to the millisecond."""
        return self._wide_path(points).clarity

    def _wide_path(self, points: GridPoints) -> LatenessPath:
        """The path to some milliseconds. Its clarity counts: one that follows single attacks is clear on any grid."""
        late = _search_path(self._coarse, points, self._rate)
        late = _refine_path(self._fine, points, late, self._rate, _WIDE_REACHES)
        beats = points.places[points.is_beat]
        here = beats + np.interp(beats, points.edges, late)
        return LatenessPath(points.edges, late, float(self._coarse.at(here).mean()) if len(beats) else 0.0)


class _RiseCurve:
    """How much begins around each moment, 1 in the mean."""

    def __init__(self, rises: FloatArray64, spread_seconds: float, rate: int) -> None:
        spread = gaussian_filter1d(rises, spread_seconds * RISES_PER_SECOND)
        self._values = spread / (float(spread.mean()) + 1e-9) if len(spread) else np.zeros(1)
        self._scale = RISES_PER_SECOND / rate

    def at(self, frames: FloatArray64) -> FloatArray64:
        rows = np.round(frames * self._scale).astype(np.int64)
        inside = (rows >= 0) & (rows < len(self._values))
        return np.asarray(np.where(inside, self._values[np.clip(rows, 0, len(self._values) - 1)], 0.0))


@dataclass(frozen=True)
class _Paths:
    """Paths that are followed, one in each row: where they are, how they lean, how good they are so far."""

    late: FloatArray64
    drift: FloatArray64
    score: FloatArray64
    parents: IntArray64

    def kept(self, rows: IntArray64) -> _Paths:
        return _Paths(self.late[rows], self.drift[rows], self.score[rows], self.parents[rows])


def _search_path(curve: _RiseCurve, points: GridPoints, rate: int) -> FloatArray64:
    """How late the best path is at each edge, to some milliseconds."""
    step = _LATE_STEP_SECONDS * rate
    paths = _first_paths(points.beat_frames, step, rate)
    history: list[_Paths] = []
    for number, (left, right) in enumerate(pairwise(points.edges.tolist())):
        if number:
            paths = _bent_paths(paths)
        inside = (points.places >= left) & (points.places < right)
        score = paths.score.copy()
        for place, weight in zip(points.places[inside], points.weights[inside], strict=True):
            score += weight * curve.at(place + paths.late + paths.drift * (place - left))
        scored = _Paths(paths.late, paths.drift, score, paths.parents)
        end = paths.late + paths.drift * (right - left)
        rows = _best_rows(end, scored, step)
        history.append(scored.kept(rows))
        paths = _Paths(end[rows], paths.drift[rows], score[rows], np.arange(len(rows)))
    row = int(np.argmax(paths.score))
    late = [float(paths.late[row])]
    for earlier in reversed(history):
        late.append(float(earlier.late[row]))
        row = int(earlier.parents[row])
    return np.array(late[::-1])


def _first_paths(beat_frames: float, step: float, rate: int) -> _Paths:
    starts = np.arange(-beat_frames / 2, beat_frames / 2, step)
    drifts = np.arange(-MAX_DRIFT, MAX_DRIFT + 1e-9, _DRIFT_STEP)
    late, drift = (grid.ravel() for grid in np.meshgrid(starts, drifts, indexing="ij"))
    score = -0.5 * (late / (_USUAL_LATE_SECONDS * rate)) ** 2
    return _Paths(late, drift, score, np.arange(len(late)))


def _bent_paths(paths: _Paths) -> _Paths:
    """Each path with each drift that it may go on with."""
    bends = np.arange(-_MAX_BEND_STEPS, _MAX_BEND_STEPS + 1)
    drift = np.add.outer(paths.drift, bends * _DRIFT_STEP).ravel()
    score = np.subtract.outer(paths.score, _BEND_COST * bends.astype(np.float64) ** 2).ravel()
    parents = np.repeat(np.arange(len(paths.late)), len(bends))
    bent = _Paths(np.repeat(paths.late, len(bends)), drift, score, parents)
    return bent.kept(np.flatnonzero(np.abs(drift) <= MAX_DRIFT + 1e-9))


def _best_rows(end: FloatArray64, paths: _Paths, step: float) -> IntArray64:
    """The best of those that end alike, and of these the best."""
    ends = np.round(end / step).astype(np.int64) * 1_000 + np.round(paths.drift / _DRIFT_STEP).astype(
        np.int64
    )
    order = np.lexsort((-paths.score, ends))
    first = np.concatenate(([True], np.diff(ends[order]) != 0))
    rows = order[first]
    return np.asarray(rows[np.argsort(-paths.score[rows], kind="stable")[:_BEAM]])


def _refine_path(
    curve: _RiseCurve, points: GridPoints, late: FloatArray64, rate: int, reaches: Sequence[float]
) -> FloatArray64:
    """The path moved onto what begins near its beats, each edge with the bars on either side of it."""
    beats = points.places[points.is_beat]
    if not len(beats):
        return late
    lags = _lags(_NEAR_SECONDS, rate)
    for reach in reaches:
        frames = reach * float(np.diff(points.edges).max())
        hats = np.clip(1 - np.abs(beats[np.newaxis] - points.edges[:, np.newaxis]) / frames, 0.0, None)
        begins = hats @ _begins_at(curve, beats + np.interp(beats, points.edges, late), lags)
        best = begins.argmax(axis=1)
        sure = begins.max(axis=1) > _SURE * (begins.mean(axis=1) + 1e-9)
        if not sure.any():
            return late
        late = late + np.interp(points.edges, points.edges[sure], lags[best[sure]])
    return late


def _fit_lines(curve: _RiseCurve, points: GridPoints, late: FloatArray64, rate: int) -> FloatArray64:
    """The path of lines from edge to edge that lies nearest to all that begins at its beats, each for itself.

    Least squares whose weights fall with the distance, as Cauchy's estimator has them (Holland and Welsch, "Robust
    regression using iteratively reweighted least-squares", 1977).
    """
    beats = points.places[points.is_beat]
    if not len(beats) or len(late) < 3:
        return late
    lags = _lags(_CLOSE_SECONDS, rate)
    shares = np.stack([np.interp(beats, points.edges, one) for one in np.eye(len(late))], axis=1)
    bends = np.diff(np.eye(len(late)), n=2, axis=0)
    stiff = _STIFFNESS * bends.T @ bends
    for _ in range(_LINE_ROUNDS):
        begins = _begins_at(curve, beats + shares @ late, lags)
        best = begins.argmax(axis=1)
        is_inside = (best > 0) & (best < len(lags) - 1)
        weights = np.clip(begins.max(axis=1) - 1, 0.0, _MOST_WEIGHT) * is_inside
        moved = np.zeros_like(late)
        for _ in range(_WEIGHT_ROUNDS):
            off = (lags[best] - shares @ moved) / (_USUAL_OFF_SECONDS * rate)
            weighted = shares.T * (weights / (1 + off**2))
            system = weighted @ shares + stiff + 1e-6 * np.eye(len(late))
            moved = np.linalg.solve(system, weighted @ lags[best] - stiff @ late)
        late = late + moved
    return late


def _lags(reach_seconds: float, rate: int) -> FloatArray64:
    return np.arange(-reach_seconds, reach_seconds + 1e-9, _NEAR_STEP_SECONDS) * rate


def _begins_at(curve: _RiseCurve, places: FloatArray64, lags: FloatArray64) -> FloatArray64:
    """How much begins at each place and lag, shape (places, lags)."""
    return np.stack([curve.at(places + lag) for lag in lags], axis=1)
