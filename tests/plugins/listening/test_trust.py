"""Whether beats are trusted: where they follow the music, and not where they slipped."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._listening.features import BANDS_PER_SECOND
from bandmate_plugins._listening.trust import can_trust_beats

_BEATS = 120


def rubato() -> tuple[np.ndarray, np.ndarray]:
    """The novelty of strokes on beats and weaker ones between, and the beats in rows; the tempo wanders."""
    random = np.random.default_rng(7)
    periods = 0.5 * BANDS_PER_SECOND * (1 + 0.08 * np.sin(np.arange(_BEATS) / 9))
    beats = 20 + np.concatenate(([0.0], np.cumsum(periods)))
    rows = np.arange(int(beats[-1]) + 60)
    novelty = 0.05 * random.random(len(rows))
    for place, level in ((0.0, 1.0), (0.5, 0.6)):
        at = np.interp(np.arange(_BEATS) + place, np.arange(_BEATS + 1), beats)
        novelty += level * np.exp(-0.5 * np.min(np.abs(rows[:, np.newaxis] - at), axis=1) ** 2 / 2)
    return novelty, beats


def test_beats_that_follow_are_trusted() -> None:
    novelty, beats = rubato()
    assert can_trust_beats(novelty, beats)
    assert can_trust_beats(novelty, beats[::2])


def test_beats_that_slipped_are_not() -> None:
    novelty, beats = rubato()
    # For a third of the piece two beats go where three are.
    inside = np.interp(np.arange(40, 80, 1.5), np.arange(len(beats)), beats)
    assert not can_trust_beats(novelty, np.concatenate((beats[:40], inside, beats[81:])))
    drifting = beats + np.linspace(0, 60, len(beats))
    assert not can_trust_beats(novelty, drifting[drifting < len(novelty)])


def test_few_beats_are_not() -> None:
    novelty, beats = rubato()
    assert not can_trust_beats(novelty, beats[:6])
