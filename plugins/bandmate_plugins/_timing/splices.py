"""Small steps forward and back in audio, where nobody hears them, so that it stays on a time map.

What is left of a map after even stretching is a few milliseconds a bar. It is made up by leaving out, or playing twice,
a few milliseconds at a time: between attacks, and by as much as the wave repeats itself (as in the splicing of
Lee, "Time compression and expansion of speech by the sampling method", 1972, with the best splice searched for).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64
from bandmate_plugins._timing.crossfade import fade_gains

_TOLERANCE_SECONDS = 0.003
"""How far audio may be off its map."""
_FADE_SECONDS = 0.012
_SEARCHED_SECONDS = 0.4
"""How long before it would be off a splice is looked for."""
_STEP_SECONDS = 0.002
_DECIMATION = 8
"""Splices are compared in every so many samples at first."""
_QUIET_SHARE, _LOUD_COST, _LONG_GAIN = 0.2, 0.08, 0.1
"""Of the cost of a splice: what silence counts as, how much dearer loud places are, and cheaper long steps."""


@dataclass(frozen=True)
class _Splice:
    cost: float
    at: int
    """The frame of the result at which its fade begins."""
    offset: int
    """From the result's frames to those of the audio, after it."""


def splice_along(
    samples: FloatArray32, places: FloatArray64, offsets: FloatArray64, frames: int, rate: int
) -> FloatArray32:
    """`frames` frames, of which frame `p` of `places` is frame `p + offset` of the audio, to 3 ms."""
    return _Splicer(samples, places, offsets, frames, rate).run()


class _Splicer:
    def __init__(
        self, samples: FloatArray32, places: FloatArray64, offsets: FloatArray64, frames: int, rate: int
    ) -> None:
        self._samples = samples
        self._fade = round(_FADE_SECONDS * rate) // _DECIMATION * _DECIMATION
        self._tolerance = _TOLERANCE_SECONDS * rate
        self._searched = round(_SEARCHED_SECONDS * rate)
        self._grid = np.arange(0, frames, max(round(_STEP_SECONDS * rate), 1))
        self._wanted = np.interp(self._grid, places, offsets)
        whole = len(samples) // _DECIMATION * _DECIMATION
        self._coarse = samples[:whole].reshape(-1, _DECIMATION, samples.shape[1]).mean(axis=1)
        self._usual = float(np.square(self._coarse, dtype=np.float64).sum() / max(len(self._coarse), 1))
        self._out = np.zeros((frames, samples.shape[1]), np.float32)

    def run(self) -> FloatArray32:
        at, offset = 0, round(float(self._wanted[0])) if len(self._wanted) else 0
        while (off := self._first_off(at, offset)) is not None:
            splice = self._best_splice(at, off, offset)
            self._copy(at, splice.at, offset)
            self._fade_over(splice.at, offset, splice.offset)
            at, offset = splice.at + self._fade, splice.offset
        self._copy(at, len(self._out), offset)
        return self._out

    def _first_off(self, at: int, offset: int) -> int | None:
        """The first place of the grid, a fade later than `at`, that is off the map."""
        off = (self._grid >= at + self._fade) & (np.abs(self._wanted - offset) > self._tolerance)
        place = int(off.argmax()) if len(off) else 0
        return place if len(off) and off[place] else None

    def _best_splice(self, at: int, off: int, offset: int) -> _Splice:
        earliest = max(at + self._fade, int(self._grid[off]) - self._searched)
        first = min(int(np.searchsorted(self._grid, earliest)), off)
        found = [self._splice_at(place, off, offset) for place in range(first, off)]
        known = [splice for splice in found if splice is not None]
        if not known:
            return _Splice(0.0, int(self._grid[off]), round(float(self._wanted[off])))
        best = min(known, key=lambda splice: splice.cost)
        return _Splice(best.cost, best.at, self._refined_offset(best.at, offset, best.offset))

    def _splice_at(self, place: int, off: int, offset: int) -> _Splice | None:
        """The best step at a place of the grid, towards where the map leads; None where there is none."""
        wanted = float(self._wanted[place])
        direction = 1 if self._wanted[off] > offset else -1
        steps = offset + direction * np.arange(_DECIMATION, 2 * self._tolerance + 1, _DECIMATION)
        near = np.abs(steps - wanted) <= self._tolerance
        offsets = steps[near & (np.abs(steps - offset) >= 0.4 * self._tolerance)]
        start = (int(self._grid[place]) + offset) // _DECIMATION
        starts = np.round((self._grid[place] + offsets) / _DECIMATION).astype(np.int64)
        length = self._fade // _DECIMATION
        last = len(self._coarse) - length
        inside = (starts >= 0) & (starts <= last)
        if not 0 <= start <= last or not inside.any():
            return None
        offsets, starts = offsets[inside], starts[inside]
        old = self._coarse[start : start + length]
        new = np.stack([self._coarse[begin : begin + length] for begin in starts])
        power = np.square(old).sum() + np.square(new).sum(axis=(1, 2))
        apart = np.square(old[np.newaxis] - new).sum(axis=(1, 2))
        usual = self._usual * length + 1e-12
        cost = apart / (power + _QUIET_SHARE * usual) + _LOUD_COST * power / usual
        cost = cost - _LONG_GAIN * np.abs(offsets - offset) / (2 * self._tolerance)
        best = int(cost.argmin())
        return _Splice(float(cost[best]), int(self._grid[place]), round(float(offsets[best])))

    def _refined_offset(self, at: int, old_offset: int, offset: int) -> int:
        """The offset to a sample."""
        old = self._read(at + old_offset, self._fade)
        tried = range(offset - _DECIMATION, offset + _DECIMATION + 1)
        apart = [float(np.square(old - self._read(at + each, self._fade)).sum()) for each in tried]
        return tried[int(np.argmin(apart))]

    def _fade_over(self, at: int, old_offset: int, offset: int) -> None:
        kept = min(self._fade, len(self._out) - at)
        old, new = self._read(at + old_offset, self._fade), self._read(at + offset, self._fade)
        out, into = fade_gains(old, new)
        self._out[at : at + kept] = (old * out + new * into)[:kept]

    def _copy(self, start: int, stop: int, offset: int) -> None:
        if stop > start:
            self._out[start:stop] = self._read(start + offset, stop - start)

    def _read(self, start: int, frames: int) -> FloatArray32:
        """Audio from a frame on; what lies outside is silent."""
        read = np.zeros((frames, self._samples.shape[1]), np.float32)
        first, last = max(start, 0), min(start + frames, len(self._samples))
        if last > first:
            read[first - start : last - start] = self._samples[first:last]
        return read
