"""Beats put on even grids wherever the tempo holds, and left as they were tracked where it moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening import lattice as lattices
from bandmate_plugins._listening import tempo
from bandmate_plugins._listening.features import BANDS_PER_SECOND
from bandmate_plugins._listening.lattice import BeatLattice, LatticeFit
from bandmate_plugins._platform.arrays import FloatArray64, IntArray64

_MIN_BEATS = 8
"""Beats of an even stretch that a grid may begin with."""
_MAX_SEEDS = 40
_EXPLAINED = 0.6
"""The correlation at which a profile needs no other grid."""
_MAX_LOST = 0.06
"""What profiles on one grid may lose against other places, in the mean, if the tempo holds throughout."""
_ASTRAY, _MAX_ASTRAY = 0.25, 0.1
"""What a profile that is off the grid loses at least, and how many of them there may be then."""
_LOSS_WEIGHT = 2.0
_EARLIEST_ROWS = 5.0
"""How far before the audio a beat on its very start may have been heard."""
_TOO_CLOSE = 0.6
"""Share of a beat that there must be at least from one beat to the next."""
_EDGE_ROWS = 430
"""How far around a change of grid the place is looked for: 5 s."""
_SAME_ROWS = 3.0
"""How far a tracked beat may lie from one of a grid and still be the same: 35 ms."""
_MIN_PROFILES = 5
"""Profiles on one grid, at least, where the tempo moves: a drift keeps to a grid for some seconds too."""
_FREE, _SWITCH = 0.8, 1.2
"""What a profile counts where the tempo moves, and what it costs to go over to another grid, or off them."""


@dataclass(frozen=True)
class ProfileSpan:
    """Profiles from `first` up to `last` (exclusive), on one grid; None where the tempo moves."""

    first: int
    last: int
    fit: LatticeFit | None
    lattice: BeatLattice | None


def steady_beats(
    novelty: FloatArray64, beats: FloatArray64, sounding: tuple[float, float], check: Callable[[], None]
) -> FloatArray64:
    """Tracked beats (in rows of the novelty), replaced by even ones wherever one tempo holds.

    None lie before or after the rows that sound.
    """
    beats = beats[(beats >= sounding[0]) & (beats < sounding[1])]
    fits = _find_fits(novelty, beats, check)
    if not fits:
        return beats
    throughout = max(fits, key=lambda fit: float(_grid_worth(fit).sum()))
    if _holds_throughout(throughout):
        return _align_phase(throughout.lattice, beats, novelty).beats_between(*sounding)
    spans = _best_spans(novelty, beats, fits)
    if all(span.fit is None for span in spans):
        return beats
    found = _join_spans(novelty, beats, spans)
    return found[(found >= sounding[0]) & (found < sounding[1])]


def _grid_worth(fit: LatticeFit) -> FloatArray64:
    """What speaks for a grid, profile by profile; 0 where there is nothing to be heard."""
    return np.where(fit.heard, 0.5 + 0.5 * fit.on_grid - _LOSS_WEIGHT * fit.lost, 0.0)


def _holds_throughout(fit: LatticeFit) -> bool:
    """Whether the tempo of a grid holds throughout: no profile lies elsewhere, however faint it is."""
    lost = fit.lost[fit.heard]
    return bool(lost.mean() < _MAX_LOST and np.mean(lost > _ASTRAY) < _MAX_ASTRAY)


def _find_fits(novelty: FloatArray64, beats: FloatArray64, check: Callable[[], None]) -> list[LatticeFit]:
    """The grids of the longest even stretches, each from a part that those before do not explain."""
    middles = lattices.profile_middles(len(novelty))
    even = tempo.split_stretches(beats / BANDS_PER_SECOND, set())
    seeds = sorted(even, key=lambda one: one.first - one.last)
    best = np.full(len(middles), -1.0)
    found: list[LatticeFit] = []
    for seed in seeds[:_MAX_SEEDS]:
        if seed.last - seed.first < _MIN_BEATS:
            break
        start, period = seed.start * BANDS_PER_SECOND, seed.period * BANDS_PER_SECOND
        end = start + period * (seed.last - seed.first - 1)
        inside = (middles > start) & (middles < end)
        if not inside.any():
            inside[int(np.abs(middles - (start + end) / 2).argmin())] = True
        if float(np.median(best[inside])) > _EXPLAINED:
            continue
        found.append(lattices.follow_tempo(novelty, BeatLattice(start, period), start, end, check))
        best = np.maximum(best, found[-1].on_grid)
    return found


def _best_spans(novelty: FloatArray64, beats: FloatArray64, fits: list[LatticeFit]) -> list[ProfileSpan]:
    """The best path through the grids, profile by profile."""
    heard = np.any([fit.heard for fit in fits], axis=0)
    # Where nothing is to be heard nothing speaks for a tempo of its own.
    free = np.where(heard, _FREE, 0.0)
    path = _best_path(np.column_stack([*(_grid_worth(fit) for fit in fits), free]))
    for first, last in pairwise(_path_edges(path)):
        if last - first < _MIN_PROFILES:
            path[first:last] = len(fits)
    edges = _path_edges(path)
    chosen = [fits[path[first]] if path[first] < len(fits) else None for first in edges[:-1]]
    held = {id(fit): int(np.sum(path == number)) for number, fit in enumerate(fits)}
    usual = max(fits, key=lambda fit: held[id(fit)]).lattice.period
    return [
        ProfileSpan(
            first, last, fit, _align_phase(_usual_octave(fit.lattice, usual), beats, novelty) if fit else None
        )
        for first, last, fit in zip(edges, edges[1:], chosen, strict=False)
    ]


def _join_spans(novelty: FloatArray64, beats: FloatArray64, spans: list[ProfileSpan]) -> FloatArray64:
    """The beats of spans one after the other, on their grids, and as tracked where there is none."""
    middles = lattices.profile_middles(len(novelty))
    parts: list[FloatArray64] = []
    start, before = -_EARLIEST_ROWS, spans[0]
    for after in spans[1:]:
        near = float(middles[after.first - 1] + middles[after.first]) / 2
        low, high = max(near - _EDGE_ROWS, start), min(near + _EDGE_ROWS, float(len(novelty)))
        edge, joined = _find_joint(novelty, beats, before, after, (low, near, high))
        parts.append(_span_beats(before, beats, start, edge))
        start, before = edge, joined
    parts.append(_span_beats(before, beats, start, float(len(novelty))))
    return _drop_crowded(np.concatenate(parts))


def _path_edges(path: IntArray64) -> list[int]:
    return [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]


def _best_path(gains: NDArray[np.float64]) -> IntArray64:
    total = gains[0].copy()
    back = np.zeros(gains.shape, np.int64)
    for at in range(1, len(gains)):
        best = int(total.argmax())
        stays = total >= total[best] - _SWITCH
        back[at] = np.where(stays, np.arange(gains.shape[1]), best)
        total = np.where(stays, total, total[best] - _SWITCH) + gains[at]
    path = [int(total.argmax())]
    for at in range(len(gains) - 1, 0, -1):
        path.append(int(back[at, path[-1]]))
    return np.array(path[::-1], np.int64)


def _find_joint(
    novelty: FloatArray64,
    beats: FloatArray64,
    before: ProfileSpan,
    after: ProfileSpan,
    around: tuple[float, float, float],
) -> tuple[float, ProfileSpan]:
    """The row where one span gives way to the next, just before a beat that both have, if there is one.

    And the later span, half a beat on where that is how its grid goes on from the earlier one.
    """
    low, near, high = around
    left = (
        before.lattice.beats_between(low, high) if before.lattice else beats[(beats >= low) & (beats < high)]
    )
    if not len(left):
        return near, after
    if after.lattice is None:
        off = np.array([np.abs(beats - at).min() for at in left])
    else:
        # Two grids may meet on the half beat of the later one, tracked beats and a grid only on beats.
        step = after.lattice.period / (2 if before.lattice else 1)
        off = np.abs((left - after.lattice.phase + step / 2) % step - step / 2)
    gain = np.zeros(len(left)) - np.abs(left - near) / (high - low)
    if before.fit and after.fit:
        rows = np.arange(int(low), int(high))
        sides = [_explained_novelty(novelty, rows, fit) for fit in (before.fit, after.fit)]
        total = np.cumsum(sides[0] - sides[1])
        gain = total[np.clip(left.astype(np.int64) - int(low), 0, len(total) - 1)]
    common = off < _SAME_ROWS
    if not common.any():
        return float(left[gain.argmax()]) + _SAME_ROWS, after
    at = float(left[common][gain[common].argmax()])
    if before.lattice and after.lattice and 0.25 < float(after.lattice.beat_offset(np.array(at))) < 0.75:
        moved = BeatLattice(after.lattice.phase + after.lattice.period / 2, after.lattice.period)
        after = ProfileSpan(after.first, after.last, after.fit, moved)
    return at - _SAME_ROWS, after


def _explained_novelty(novelty: FloatArray64, rows: IntArray64, fit: LatticeFit) -> FloatArray64:
    shape = (fit.template - fit.template.mean()) / max(float(fit.template.std()), 1e-9)
    place = np.floor(2 * fit.lattice.beat_offset(rows.astype(np.float64)) % 1.0 * lattices.BINS).astype(
        np.int64
    )
    return np.asarray(novelty[rows] * shape[place % lattices.BINS])


def _span_beats(span: ProfileSpan, beats: FloatArray64, start: float, end: float) -> FloatArray64:
    if span.lattice is None:
        return beats[(beats >= start) & (beats < end)]
    return span.lattice.beats_between(start, end)


def _usual_octave(lattice: BeatLattice, usual: float) -> BeatLattice:
    """Twice or half as fast, where that is nearer to the usual beat."""
    octaves = round(float(np.log2(usual / lattice.period)))
    return BeatLattice(lattice.phase, lattice.period * 2.0**octaves)


def _align_phase(lattice: BeatLattice, tracked: FloatArray64, novelty: FloatArray64) -> BeatLattice:
    """On the half of the beat on which more of the tracked beats lie, by how much begins on them."""
    rows = np.clip(np.round(tracked).astype(np.int64), 0, len(novelty) - 1)
    halves = np.round(2 * lattice.beat_offset(tracked)).astype(np.int64) % 2
    weights = np.bincount(halves, novelty[rows], 2)
    shift = lattice.period / 2 if weights[1] > weights[0] else 0.0
    return BeatLattice(lattice.phase + shift, lattice.period)


def _drop_crowded(beats: FloatArray64) -> FloatArray64:
    """Without the beats that follow the one before too closely, where two spans meet."""
    least = _TOO_CLOSE * float(np.median(np.diff(beats))) if len(beats) > 1 else 0.0
    kept = [float(beats[0])] if len(beats) else []
    kept += [at for before, at in pairwise(beats.tolist()) if at - before >= least]
    return np.array(kept)
