"""How loud a result is to be beside what is there. Nothing is normalised that was not asked for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._platform.arrays import FloatArray32

BACKING_DB, PART_DB = -2.0, -6.0
"""How loud a whole backing and a single part are beside other audio: as the embedded band has it."""
_MAX_GAIN_DB = 12.0
"""No gain goes further than this: what differs more than that is no matter of gain."""


def integrated_loudness(samples: FloatArray32, rate: int) -> float | None:
    """Integrated loudness in LUFS of (frames, channels); None when it is too short or too soft to say."""
    meter = LoudnessMeter(rate, samples.shape[1])
    meter.add(samples)
    lufs = meter.integrated_lufs()
    return lufs if lufs is not None and math.isfinite(lufs) else None


def matching_gain(samples: FloatArray32, rate: int, target_lufs: float | None) -> float:
    """The factor that brings audio to a loudness; 1 where either is not known."""
    own = integrated_loudness(samples, rate)
    if own is None or target_lufs is None:
        return 1.0
    return _bounded_gain(target_lufs - own)


def surrounding_gain(decoded: FloatArray32, source: FloatArray32) -> float:
    """The factor that brings what a codec gives back of some audio to that audio's own level."""
    ours, theirs = _rms(decoded), _rms(source)
    if min(ours, theirs) < 1e-4:
        return 1.0
    return _bounded_gain(20 * math.log10(theirs / ours))


def part_gain(stem: FloatArray32, mix: FloatArray32) -> float:
    """The factor at which a stem explains most of the mix that it was taken from (least squares).

    1 where the two are hardly alike: then there is nothing to measure it by.
    """
    power = float(np.vdot(stem, stem))
    whole = float(np.vdot(mix, mix))
    along = float(np.vdot(stem, mix))
    if min(power, whole) <= 0 or along / math.sqrt(power * whole) < 0.3:
        return 1.0
    return _bounded_gain(20 * math.log10(along / power))


def _bounded_gain(gain_db: float) -> float:
    return float(10 ** (min(max(gain_db, -_MAX_GAIN_DB), _MAX_GAIN_DB) / 20))


def _rms(samples: Any) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if samples.size else 0.0
