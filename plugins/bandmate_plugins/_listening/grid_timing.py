"""Where a recording lies against the project's grid: how late it plays, how it swings, and how dense it is.

Onsets are rises of the spectrum's logarithm from one window to the next (spectral flux, after Dixon, "Onset
detection revisited", 2006). The grid is moved over them until the most of them lie on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bandmate_plugins._listening.placed_audio import PlacedAudio
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_protocol.tempo import TempoMap

_HOP_SECONDS = 0.002
_WINDOW_SECONDS = 0.012
_LAG_HOPS = 4
_MAX_SHIFT_SECONDS = 0.08
_MAX_SHIFT_OF_STEP = 0.42
"""How far the grid may be moved: in parts of the smallest step."""
_CLEAR = 1.6
"""How much more of the flux must lie on the moved grid than anywhere."""
_APART_SECONDS = 0.04
"""How far the shifts before and after may differ and still be one drift."""
_STRAIGHT, _MAX_SWING = 0.5, 0.72
_SWINGS = 1.35
"""How much more must be played at the swung place than at the even one."""
_MIN_ONSET_SECONDS = 0.03
"""Seconds."""


@dataclass(frozen=True)
class OnsetFlux:
    """How much begins at each moment of a stretch."""

    start: int
    """The project's frame of the first value."""
    hop: int
    """Frames."""
    values: FloatArray64

    def strongest_at(self, frames: FloatArray64) -> FloatArray64:
        """The strongest value within four milliseconds of some frames; those outside are left out."""
        places = np.round((frames - self.start) / self.hop).astype(np.int64)
        inside = places[(places >= 2) & (places < len(self.values) - 2)]
        if not len(inside):
            return np.zeros(0)
        return np.asarray(np.max([self.values[inside + by] for by in (-2, -1, 0, 1, 2)], axis=0))

    def onset_frames(self, rate: int) -> FloatArray64:
        """The frames of its clear peaks, at least 30 ms apart."""
        reach = max(2, round(_MIN_ONSET_SECONDS * rate / self.hop))
        if len(self.values) <= 2 * reach:
            return np.zeros(0)
        tops = sliding_window_view(np.pad(self.values, reach), 2 * reach + 1).max(axis=1)
        strong = np.quantile(self.values, 0.98)
        peaks = np.flatnonzero((self.values == tops) & (self.values > 0.4 * strong) & (self.values > 0.05))
        return np.asarray(self.start + peaks * self.hop, dtype=np.float64)


@dataclass(frozen=True)
class GridTiming:
    """How a recording plays against the grid."""

    shift_before: float = 0.0
    """Frames that it is late at the start of the range; below zero it is early."""
    shift_after: float = 0.0
    """The same at its end."""
    steady: bool = False
    """Whether it keeps to the grid at all; the shifts are zero if not."""
    swing: float | None = None
    """Where the second of two notes falls; None if it is not clear."""
    swing_unit: int = 8
    density: float = 0.0
    """Onsets a quarter note."""


def measure_flux(stretch: PlacedAudio, rate: int) -> OnsetFlux:
    """Listens to a stretch."""
    # High rates are taken down by averaging: what begins is heard below 20 kHz too.
    apart = max(1, rate // 44_100)
    mono = stretch.mono[: len(stretch.samples) // apart * apart].reshape(-1, apart).mean(axis=1)
    hop = max(1, round(_HOP_SECONDS * rate / apart))
    size = max(16, round(_WINDOW_SECONDS * rate / apart))
    if len(mono) < size + hop * (_LAG_HOPS + 1):
        return OnsetFlux(stretch.start, hop * apart, np.zeros(0))
    windows = sliding_window_view(mono.astype(np.float32), size)[::hop]
    spectrum = np.abs(np.fft.rfft(windows * np.hanning(size).astype(np.float32), axis=1))
    loud = np.log1p(1e3 * spectrum / max(float(np.quantile(spectrum.max(axis=1), 0.95)), 1e-9))
    rise = np.maximum(loud[_LAG_HOPS:] - loud[:-_LAG_HOPS], 0).mean(axis=1)
    # A rise is greatest when its onset is in the middle of the later window, or a little after.
    centre = stretch.start + (size // 2 + _LAG_HOPS * hop - hop // 2) * apart
    return OnsetFlux(centre, hop * apart, np.asarray(rise, dtype=np.float64))


def measure_timing(
    before: Sequence[OnsetFlux],
    after: Sequence[OnsetFlux],
    tempo: TempoMap,
    beat_quarters: float = 1.0,
) -> GridTiming:
    """Compares what begins before and after a range (or in it, in both) with the grid.

    `beat_quarters` is the beat that is felt there, in quarters.
    """
    rate = tempo.sample_rate
    heard = [one for one in (*before, *after) if len(one.values)]
    if not heard:
        return GridTiming()
    shifts = [
        _detect_shift([one for one in side if len(one.values)], tempo, beat_quarters, rate)
        for side in (before, after)
    ]
    known = [shift for shift in shifts if shift is not None]
    if len(known) == 2 and abs(known[0] - known[1]) > _APART_SECONDS * rate:
        whole = _detect_shift(heard, tempo, beat_quarters, rate)
        known = [] if whole is None else [whole]
    density = _onset_density(heard, tempo, rate)
    if not known:
        return GridTiming(density=density)
    swing, swing_unit = _detect_swing(heard, tempo, beat_quarters, sum(known) / len(known))
    return GridTiming(known[0], known[-1], True, swing, swing_unit, density)


def _grid_frames(one: OnsetFlux, tempo: TempoMap, step: float, at: float = 0.0) -> FloatArray64:
    """The grid's frames in a stretch: each `step` quarters, `at` quarters later."""
    first = tempo.quarters_at(one.start)
    last = tempo.quarters_at(one.start + len(one.values) * one.hop)
    # The grid runs from the bar's own start, which need not be a whole quarter of the map.
    origin = tempo.quarters_at(tempo.position_of(tempo.bar_beat_at(one.start)[0]))
    numbers = np.arange(np.ceil((first - origin) / step), np.floor((last - origin) / step) + 1)
    return np.array([tempo.position_at(origin + number * step + at) for number in numbers])


def _detect_shift(heard: Sequence[OnsetFlux], tempo: TempoMap, unit: float, rate: int) -> float | None:
    """How many frames later than the grid the most begins; None if it is not clear."""
    if not heard:
        return None
    step = unit / 2
    seconds = (tempo.position_at(step) - tempo.position_at(0.0)) / rate
    most = min(_MAX_SHIFT_SECONDS, _MAX_SHIFT_OF_STEP * seconds / 2)
    tried = np.arange(-most, most + 1e-9, _HOP_SECONDS / 2) * rate
    beats = [(one, _grid_frames(one, tempo, unit)) for one in heard]
    halves = [(one, _grid_frames(one, tempo, unit, step)) for one in heard]
    scores = np.array([_mean_flux(beats, by) + 0.4 * _mean_flux(halves, by) for by in tried])
    overall = 1.4 * float(np.mean(np.concatenate([one.values for one in heard])))
    best = int(scores.argmax())
    if overall <= 0 or scores[best] < _CLEAR * overall:
        return None
    near = scores > 0.97 * scores[best]
    return float(tried[near].mean()) if np.ptp(tried[near]) < 0.02 * rate else float(tried[best])


def _mean_flux(places: Sequence[tuple[OnsetFlux, FloatArray64]], by: float) -> float:
    found = np.concatenate([one.strongest_at(frames + by) for one, frames in places])
    return float(found.mean()) if len(found) else 0.0


def _detect_swing(
    heard: Sequence[OnsetFlux], tempo: TempoMap, unit: float, shift: float
) -> tuple[float | None, int]:
    """Where the second of two notes falls, and whether halves or quarters of a beat swing."""
    overall = float(np.mean(np.concatenate([one.values for one in heard])))
    best: tuple[float | None, int] = (None, 8)
    clearest = 0.0
    for swing_unit, size in ((8, unit), (16, unit / 2)):
        tried = np.arange(_STRAIGHT, _MAX_SWING + 1e-9, 0.01)
        scores = np.array([_swung_flux(heard, tempo, size, swing, shift) for swing in tried])
        at = int(scores.argmax())
        if scores[at] < _CLEAR * overall:
            continue
        swung = tried[at] >= 0.54 and scores[at] > _SWINGS * scores[:2].max()
        found = float(tried[at]) if swung else _STRAIGHT
        clear = scores[at] / max(float(scores[:2].max()), 1e-9) if swung else 1.0
        if clear > clearest:
            best, clearest = (found, swing_unit), float(clear)
    return best


def _swung_flux(
    heard: Sequence[OnsetFlux], tempo: TempoMap, size: float, swing: float, shift: float
) -> float:
    return _mean_flux([(one, _grid_frames(one, tempo, size, swing * size)) for one in heard], shift)


def _onset_density(heard: Sequence[OnsetFlux], tempo: TempoMap, rate: int) -> float:
    count, quarters = 0, 0.0
    for one in heard:
        count += len(one.onset_frames(rate))
        end = one.start + len(one.values) * one.hop
        quarters += tempo.quarters_at(end) - tempo.quarters_at(one.start)
    return count / quarters if quarters > 0 else 0.0
