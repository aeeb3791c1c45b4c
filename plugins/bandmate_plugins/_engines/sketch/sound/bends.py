"""Notes whose pitch moves: a sound played faster and slower, as a tape would.

It serves the engine's own synthesis and samples alike. Attacks and formants move with the pitch, by 12 % for a bend of
two semitones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_protocol.messages import BendPoint

_GLIDE_SECONDS = 0.006
"""Over which a step of the wheel is spread, so that it does not click."""


def highest_ratio(bend: Sequence[BendPoint]) -> float:
    """How much faster than unbent a sound is played at most."""
    return max([1.0, *(2 ** (point.cents / 1200) for point in bend)])


def bend_body(samples: AudioSamples, bend: Sequence[BendPoint], frames: int, rate: int) -> AudioSamples:
    """So many frames of a sound whose speed follows the bends of its note; shape as the sound's."""
    places = _read_places(bend, frames, rate)
    places = np.minimum(places, len(samples) - 3.0)
    whole = np.floor(places).astype(np.int64)
    part = (places - whole).astype(np.float32)[:, None]
    before, here, after, later = (samples[np.clip(whole + step, 0, None)] for step in (-1, 0, 1, 2))
    # Cubic Hermite interpolation (Catmull-Rom).
    slope = 0.5 * (after - before)
    curve = before - 2.5 * here + 2 * after - 0.5 * later
    bow = 0.5 * (later - before) + 1.5 * (here - after)
    return np.asarray(((bow * part + curve) * part + slope) * part + here, np.float32)


def _read_places(bend: Sequence[BendPoint], frames: int, rate: int) -> NDArray[np.float64]:
    """Where in the unbent sound each frame is read."""
    edges = np.maximum.accumulate([0, *(min(point.frame, frames) for point in bend), frames])
    cents = np.repeat([0.0, *(point.cents for point in bend)], np.diff(edges))
    glide = max(1, round(_GLIDE_SECONDS * rate))
    padded = np.concatenate((np.full(glide, cents[0]), cents))
    sums = np.cumsum(padded)
    smooth = (sums[glide:] - sums[:-glide]) / glide
    ratios = 2.0 ** (smooth / 1200)
    return np.concatenate(([0.0], np.cumsum(ratios)[:-1]))
