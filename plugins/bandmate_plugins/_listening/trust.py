"""Whether beats can be trusted: what a piece plays between them must go on being alike.

Folded by half a beat, all parts of a piece look much the same (see `lattice`), also where its tempo moves, as
long as the beats follow it. Where they slipped, or go at two thirds of the pace, the profiles turn or blur.
"""

from __future__ import annotations

import numpy as np

from bandmate_plugins._listening import lattice
from bandmate_plugins._platform.arrays import FloatArray64

_ASTRAY, _MAX_ASTRAY, _MAX_LOST = 0.25, 0.08, 0.05
"""What a profile loses at least where beats slipped, how many may, and what all may lose in the mean."""
_BLURRED, _MAX_BLURRED = 0.5, 0.1
"""The correlation under which a profile is blurred, and how many may be."""
_OTHER_PACE, _MIN_LIKE = 0.1, 0.75
"""How far from the usual tempo a profile counts as another pace, and how like the rest those must be."""
_MIN_PROFILES = 12
"""Beats that a tempo that moves is believed from."""


def can_trust_beats(novelty: FloatArray64, beats: FloatArray64) -> bool:
    """Whether beats (in rows of the novelty) that do not keep one tempo follow the music all the same."""
    if len(beats) < _MIN_PROFILES:
        return False
    found = [
        one
        for start in lattice.profile_starts(len(novelty)).tolist()
        if (one := _window_profile(novelty, beats, start)) is not None
    ]
    if not found:
        return False
    profiles, periods = np.array([one for one, _ in found]), np.array([period for _, period in found])
    usual = profiles.mean(axis=0)
    heard = [one.std() >= lattice.FAINT * usual.std() for one in profiles]
    compared = [
        lattice.compare_profile(*one)[:2] for one in zip(profiles, [usual] * len(found), periods, strict=True)
    ]
    like, lost = np.array(compared)[heard].T if any(heard) else np.zeros((2, 0))
    if not len(like):
        return False
    other = np.abs(periods[heard] / np.median(periods) - 1) > _OTHER_PACE
    return bool(
        lost.mean() <= _MAX_LOST
        and np.mean(lost > _ASTRAY) <= _MAX_ASTRAY
        and np.mean(like < _BLURRED) <= _MAX_BLURRED
        and (not other.any() or np.median(like[other]) >= _MIN_LIKE)
    )


def _window_profile(
    novelty: FloatArray64, beats: FloatArray64, start: int
) -> tuple[FloatArray64, float] | None:
    """The profile of a window by its place between the beats, and the beat there; None beside the beats."""
    rows = np.arange(start, min(start + lattice.WINDOW, len(novelty)))
    rows = rows[(rows >= beats[0]) & (rows < beats[-1])]
    if len(rows) < min(lattice.WINDOW, len(novelty)) // 2:
        return None
    place = np.interp(rows, beats, np.arange(len(beats)))
    return lattice.fold_novelty(novelty[rows], place), float(len(rows) / max(place[-1] - place[0], 1e-9))
