"""Two pieces of audio that overlap become one: the seam lies where both sound most alike."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_plugins._timing.crossfade import fade_gains

_SEAM_SECONDS = 0.02
_SILENCE = 1e-20


def join_pieces(old: AudioSamples, new: AudioSamples, sample_rate: int) -> AudioSamples:
    """`old` up to a seam and `new` after it; both begin at the same time, and `new` is longer."""
    fade = min(max(round(_SEAM_SECONDS * sample_rate), 1), len(old))
    at = _best_seam(old, new[: len(old)], fade)
    before, after = old[at : at + fade], new[at : at + fade]
    out, into = fade_gains(before, after)
    joined = np.concatenate((old[:at], before * out + after * into, new[at + fade :]))
    return np.asarray(joined, dtype=np.float32)


def _best_seam(old: AudioSamples, new: AudioSamples, fade: int) -> int:
    """Where the two differ least over a fade, for how loud they are there."""
    apart = np.square(old - new).sum(axis=1, dtype=np.float64)
    power = (np.square(old) + np.square(new)).sum(axis=1, dtype=np.float64)
    apart, power = (np.concatenate(([0.0], np.cumsum(values))) for values in (apart, power))
    within = apart[fade:] - apart[:-fade]
    # A quiet place is as good as one where both agree.
    loud = power[fade:] - power[:-fade]
    usual = power[-1] / max(len(old), 1) * fade
    return int(np.argmin(within / (loud + usual + _SILENCE) + loud / (power[-1] + _SILENCE)))
