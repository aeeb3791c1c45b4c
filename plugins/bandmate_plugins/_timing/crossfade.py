"""Gains of a fade from one piece of audio to another that keep the power even."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._platform.arrays import AudioSamples

_MIN_CORRELATION = -0.5
"""Below it, even power would ask for gains above one."""


def fade_gains(old: AudioSamples, new: AudioSamples) -> tuple[AudioSamples, AudioSamples]:
    """Factors for `old` and `new` over a fade from the one to the other; each of shape (frames, 1).

    They start at exactly one and zero. For signals of one power whose correlation is r, the power of
    a*old + b*new is a*a + b*b + 2*r*a*b: dividing a linear fade by the root of that keeps it even. That is
    equal gain for the same signal twice (r = 1) and equal power for strangers (r = 0). The way through the
    fade is a raised cosine, so that it begins and ends without a bend.
    """
    frames = len(old)
    way = 0.5 - 0.5 * np.cos(np.pi * np.arange(frames) / max(frames, 1))
    norm = np.sqrt((1 - way) ** 2 + way**2 + 2 * signal_correlation(old, new) * way * (1 - way))
    out, into = ((1 - way) / norm).astype(np.float32), (way / norm).astype(np.float32)
    return out[:, None], into[:, None]


def signal_correlation(old: AudioSamples, new: AudioSamples) -> float:
    """Of two signals, over all channels together; from -0.5 to 1, and 0 when one of them is silent."""
    first, second = old.astype(np.float64), new.astype(np.float64)
    power = float(np.sqrt(np.square(first).sum() * np.square(second).sum()))
    if power <= 1e-20:
        return 0.0
    return min(max(float((first * second).sum()) / power, _MIN_CORRELATION), 1.0)
