"""What speaks for a beat or a bar to begin at a time: strokes in three ranges, new harmony, a new bass."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._listening.features import BANDS_PER_SECOND
from bandmate_plugins._listening.notes import NOTES_PER_SECOND
from bandmate_plugins._listening.onsets import EARLY_ROWS, OnsetNovelty
from bandmate_plugins._platform.arrays import FloatArray64

CUE_COUNT = 5
"""Low, middle and high strokes, change of harmony, change of bass."""


class BeatCues:
    """Answers for any times; `treble` and `bass` are pitch classes in rows of NOTES_PER_SECOND."""

    def __init__(self, onsets: OnsetNovelty, treble: FloatArray64, bass: FloatArray64) -> None:
        self._onsets = onsets
        self._sums = [
            np.concatenate((np.zeros((1, 12)), np.cumsum(part, axis=0, dtype=np.float64)))
            for part in (treble, bass)
        ]

    def cues_at(self, seconds: FloatArray64, width: float) -> FloatArray64:
        """The cues at times, shape (times, COUNT); harmony is compared over `width` seconds each way."""
        strokes = [
            self._stroke_cues(part, seconds)
            for part in (self._onsets.low, self._onsets.middle, self._onsets.high)
        ]
        changes = [_harmony_change(sums, seconds, width) for sums in self._sums]
        return np.stack([*strokes, *changes], axis=1)

    def _stroke_cues(self, novelty: FloatArray64, seconds: FloatArray64) -> FloatArray64:
        rows = np.round(seconds * BANDS_PER_SECOND - EARLY_ROWS).astype(np.int64)
        near = [novelty[np.clip(rows + shift, 0, len(novelty) - 1)] for shift in (-2, -1, 0, 1, 2)]
        return np.asarray(np.max(near, axis=0), dtype=np.float64)


def standardize_columns(columns: FloatArray64) -> FloatArray64:
    """Each column with mean 0 and deviation 1, without outliers."""
    spread = columns.std(axis=0)
    scaled = (columns - columns.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    return np.asarray(np.clip(scaled, -2.5, 2.5))


def _harmony_change(sums: FloatArray64, seconds: FloatArray64, width: float) -> FloatArray64:
    """One less the cosine of the pitch classes after and before."""

    def mean(start: FloatArray64, stop: FloatArray64) -> FloatArray64:
        first, last = (
            np.clip(np.round(edge * NOTES_PER_SECOND), 0, len(sums) - 1).astype(np.int64)
            for edge in (start, stop)
        )
        part = sums[last] - sums[first]
        return np.asarray(part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-9))

    before, after = mean(seconds - width, seconds), mean(seconds, seconds + width)
    known = (before.any(axis=1)) & (after.any(axis=1))
    return np.where(known, 1 - np.sum(before * after, axis=1), 0.0)
