"""Where a seam lies, how long it fades, and by which law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bandmate_plugins._platform.arrays import AudioSamples

MAX_FADE_SECONDS = 0.06
_MAX_DRUMS_FADE_SECONDS = 0.012
_MIN_FADE_SECONDS = 0.003
_BEFORE_ATTACK_SECONDS = 0.0015
"""How long before an attack a fade is over."""
_EARLY_SECONDS = 0.05
"""An attack of the source that is this near to the range's end belongs to what comes after it."""
_HOP_SECONDS = 0.001
_QUIET_HOPS = 20
"""How many hops an attack is compared with: longer than a period of a low note."""
_ATTACK_RISE = 5.0
_ATTACK_FLOOR = 1e-3
"""Of the loudest, under which a rise in power is no attack."""


@dataclass(frozen=True, slots=True)
class Seam:
    """A fade of `length` frames; between it and the edge, `margin` frames are the source's own."""

    length: int
    margin: int = 0


def head_seam(
    before: AudioSamples, old: AudioSamples, new: AudioSamples, rate: int, most: int, drums: bool
) -> Seam:
    """The seam at a range's start. `before` is the source up to there, `old` and `new` go on from there.

    It is over before the first attack of either, so that no attack is heard twice or worn off. `most` frames
    is the longest.
    """
    old_at = _find_attacks(np.concatenate((before, old)), rate) - len(before)
    attacks = np.concatenate((old_at[old_at > 0], _find_attacks(new, rate)))
    guard, least = _to_frames(_BEFORE_ATTACK_SECONDS, rate), _to_frames(_MIN_FADE_SECONDS, rate)
    ahead = attacks[attacks > least]
    longest = min(most, _max_fade(rate, drums))
    if len(ahead):
        longest = min(longest, int(ahead.min()) - guard)
    return Seam(min(max(longest, least), most))


def tail_seam(
    old: AudioSamples, after: AudioSamples, new: AudioSamples, rate: int, most: int, drums: bool
) -> Seam:
    """The seam at a range's end. `old` and `new` lead up to it, `after` is the source from there on.

    It begins after the last attack of either; an attack of the source right before the end belongs to what
    comes after, so the source is back before it.
    """
    size = len(new)
    old_at = _find_attacks(np.concatenate((old, after)), rate)
    old_at = old_at[old_at < size]
    guard, least = _to_frames(_BEFORE_ATTACK_SECONDS, rate), _to_frames(_MIN_FADE_SECONDS, rate)
    early = old_at[old_at >= size - _to_frames(_EARLY_SECONDS, rate)]
    margin = size - int(early.min()) + guard if len(early) else 0
    margin = margin if margin + least <= most else 0
    attacks = np.concatenate((old_at[old_at < size - margin], _find_attacks(new, rate)))
    attacks = attacks[attacks < size - margin - least]
    longest = min(most - margin, _max_fade(rate, drums))
    if len(attacks):
        longest = min(longest, size - margin - int(attacks.max()) - guard)
    return Seam(min(max(longest, least), most - margin), margin)


def _find_attacks(samples: AudioSamples, rate: int) -> NDArray[np.int64]:
    """The frames at which the power rises at once above all of the last moments'."""
    hop = _to_frames(_HOP_SECONDS, rate)
    steep = np.square(np.diff(samples, axis=0, prepend=samples[:1])).sum(axis=1, dtype=np.float64)
    hops = len(steep) // hop
    if hops <= 2:
        return np.zeros(0, dtype=np.int64)
    power = steep[: hops * hop].reshape(hops, hop).sum(axis=1)
    padded = np.concatenate((np.full(_QUIET_HOPS, power[: max(2, hops // 10)].max()), power))
    past = sliding_window_view(padded, _QUIET_HOPS)[:hops].max(axis=1)
    rises = power > np.maximum(_ATTACK_RISE * past, _ATTACK_FLOOR * power.max())
    return np.flatnonzero(rises).astype(np.int64) * hop


def _max_fade(rate: int, drums: bool) -> int:
    return _to_frames(_MAX_DRUMS_FADE_SECONDS if drums else MAX_FADE_SECONDS, rate)


def _to_frames(seconds: float, rate: int) -> int:
    return max(1, round(seconds * rate))
