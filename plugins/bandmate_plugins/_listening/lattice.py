"""Even grids: where in a piece one constant tempo holds, whatever a beat tracker made of its syncopations.

A tracker that follows accents jumps by half a beat, or to two thirds of the tempo, where the music invites
it, although the tempo never moves. So the tempo is not read from single beats here: the novelty of a few
seconds is folded by half a beat into a profile; while the tempo holds, all profiles lie in the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.features import BANDS_PER_SECOND
from bandmate_plugins._platform.arrays import FloatArray64

WINDOW = round(7.0 * BANDS_PER_SECOND)
_HOP = WINDOW // 2
"""Rows that are folded into one profile, and from one profile to the next."""
BINS = 32
"""Places in half a beat that a profile tells apart."""
_SLACK_ROWS = 0.015 * BANDS_PER_SECOND
"""How far a profile may lie off the grid and still be on it: 15 ms."""
_FOLLOWS = 0.5
"""The correlation at which a profile may correct the tempo of the grid."""
_MAX_LOSS = 0.25
"""How much better it may fit off the grid, as a share of how it fits on it."""
_MAX_LOST = 4
"""Profiles off the grid after which it is not followed any further."""
FAINT = 0.08
"""Share of the usual spread of a profile under which it says nothing: silence, or a held sound."""

Profiles = NDArray[np.float64]


@dataclass(frozen=True)
class BeatLattice:
    """A constant tempo: beats at `phase` + n * `period`, in rows of the novelty."""

    phase: float
    period: float

    def beats_between(self, start: float, end: float) -> FloatArray64:
        """Its beats in a span of rows, the end excluded."""
        first, last = (np.ceil((edge - self.phase) / self.period) for edge in (start, end))
        return np.asarray(self.phase + self.period * np.arange(first, last), dtype=np.float64)

    def beat_offset(self, rows: FloatArray64) -> FloatArray64:
        """How far after a beat rows lie, in beats, 0 to 1."""
        return np.asarray(((rows - self.phase) / self.period) % 1.0)


@dataclass(frozen=True)
class LatticeFit:
    """A lattice, and how well each profile of a piece lies on it."""

    lattice: BeatLattice
    on_grid: FloatArray64
    """Correlation of each profile with the usual one, -1 to 1."""
    lost: FloatArray64
    """How much higher it would be elsewhere in the half beat, 0 to 2: under 0.1 while the tempo holds."""
    heard: NDArray[np.bool_]
    """Where a profile says anything at all: not in silence, nor under a held sound."""
    template: FloatArray64
    """The usual profile."""


def profile_starts(rows: int) -> NDArray[np.int64]:
    """The first rows of the profiles of a piece."""
    return np.arange(max(1, (rows - WINDOW) // _HOP + 1), dtype=np.int64) * _HOP


def profile_middles(rows: int) -> FloatArray64:
    """The middle rows of the profiles of a piece."""
    return np.asarray(profile_starts(rows) + min(WINDOW, rows) / 2, dtype=np.float64)


def beat_profile(novelty: FloatArray64, start: int, end: int, lattice: BeatLattice) -> FloatArray64:
    """The mean novelty of some rows by its place in half a beat of a lattice, shape (BINS,)."""
    rows = np.arange(start, min(end, len(novelty)))
    return fold_novelty(novelty[rows], lattice.beat_offset(rows.astype(np.float64)))


def fold_novelty(novelty: FloatArray64, places: FloatArray64) -> FloatArray64:
    """The mean novelty by its place in half a beat, shape (BINS,); `places` are in beats."""
    place = 2 * places % 1.0 * BINS
    low = np.floor(place).astype(np.int64)
    share = place - low
    total, count = np.zeros(BINS), np.full(BINS, 1e-9)
    for bins, weight in ((low % BINS, 1 - share), ((low + 1) % BINS, share)):
        total += np.bincount(bins, novelty * weight, BINS)
        count += np.bincount(bins, weight, BINS)
    return np.asarray(total / count, dtype=np.float64)


def follow_tempo(
    novelty: FloatArray64, seed: BeatLattice, start: float, end: float, check: Callable[[], None]
) -> LatticeFit:
    """Follows a constant tempo from a span of rows to both sides, and makes it exact on the way."""
    firsts = profile_starts(len(novelty))
    centre = (start + end) / 2
    order = np.argsort(np.abs(firsts + WINDOW / 2 - centre), kind="stable")
    lattice, template = seed, beat_profile(novelty, int(start), int(end), seed)
    usual = float(template.std())
    known: list[tuple[float, float, float]] = [(centre, 0.0, 1.0)]
    lost = {False: 0, True: 0}
    for number, at in enumerate(firsts[order].tolist()):
        if number % 64 == 0:
            check()
        later = bool(at + WINDOW / 2 > centre)
        if lost[later] > _MAX_LOST:
            continue
        found = beat_profile(novelty, at, at + WINDOW, lattice)
        if found.std() < FAINT * usual:
            continue
        on_grid, lost_there, shift = compare_profile(found, template, lattice.period)
        if on_grid < _FOLLOWS or lost_there > _MAX_LOSS * on_grid:
            lost[later] += 1
            continue
        lost[later] = 0
        known.append((at + WINDOW / 2, shift, float(found.std())))
        lattice, known = _correct_lattice(lattice, known)
        template = 0.9 * template + 0.1 * found
    return _judge_lattice(novelty, lattice, template)


def _correct_lattice(
    lattice: BeatLattice, known: list[tuple[float, float, float]]
) -> tuple[BeatLattice, list[tuple[float, float, float]]]:
    """The lattice moved onto the profiles that are known, and what they are off it then."""
    if len(known) < 3:
        return lattice, known
    at, off, weight = np.array(known).T
    slope, start = np.polyfit(at - lattice.phase, off, 1, w=np.sqrt(weight))
    # Half of the way, as the template moves too.
    slope, start = slope / 2, start / 2
    moved = BeatLattice(lattice.phase + start, lattice.period * (1 + slope))
    rest = off - (start + slope * (at - lattice.phase))
    return moved, list(zip(at.tolist(), rest.tolist(), weight.tolist(), strict=True))


def _judge_lattice(novelty: FloatArray64, lattice: BeatLattice, template: FloatArray64) -> LatticeFit:
    found = [beat_profile(novelty, at, at + WINDOW, lattice) for at in profile_starts(len(novelty)).tolist()]
    heard = np.array([one.std() >= FAINT * template.std() for one in found])
    on_grid, lost, _ = np.array([compare_profile(one, template, lattice.period) for one in found]).T
    return LatticeFit(lattice, on_grid, lost, heard, template)


def compare_profile(found: FloatArray64, template: FloatArray64, period: float) -> tuple[float, float, float]:
    """Correlation on the grid, how much higher it is anywhere off it, and how many rows it lies late.

    `period` is the beat's, in rows; all are 0 for a profile without shape.
    """
    spread = float(found.std() * template.std()) * BINS
    if spread <= 0:
        return 0.0, 0.0, 0.0
    spectra = [np.fft.rfft(one - one.mean()) for one in (found, template)]
    likeness = np.fft.irfft(spectra[0] * np.conj(spectra[1]), BINS) / spread
    row = 2 * BINS / period
    reach = max(1, round(_SLACK_ROWS * row))
    near = np.arange(-reach, reach + 1)
    place = int(near[int(likeness[near].argmax())])
    left, top, right = (float(likeness[(place + by) % BINS]) for by in (-1, 0, 1))
    curve = min(left - 2 * top + right, -1e-9)
    shift = place + float(np.clip(0.5 * (left - right) / curve, -0.5, 0.5))
    return top, float(likeness.max()) - top, shift / row
