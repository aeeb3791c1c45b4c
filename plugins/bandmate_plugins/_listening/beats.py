"""Beats: the path through time and tempo on which the most begins.

Dynamic programming over pairs of a moment and the length of the beat before it (after Ellis, "Beat tracking
by dynamic programming", 2007, with the tempo as part of the state, so that it may drift). What a beat earns
is weighted by its length, so that neither fast nor slow tempos win by their number of beats.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bandmate_plugins._listening.features import BANDS_PER_SECOND
from bandmate_plugins._listening.onsets import OnsetNovelty
from bandmate_plugins._platform.arrays import FloatArray64, IntArray64

MIN_BPM, MAX_BPM = 45.0, 230.0
"""Beats a minute that are looked for."""
_MIN_PERIOD = int(np.floor(60 * BANDS_PER_SECOND / MAX_BPM))
_MAX_PERIOD = int(np.ceil(60 * BANDS_PER_SECOND / MIN_BPM))
PERIODS = np.arange(_MIN_PERIOD, _MAX_PERIOD + 1)
"""Lengths of a beat that are tried, in rows."""
_USUAL_BPM, _SPREAD = 137.0, 0.6
"""Where most music lies, and how far around it in octaves (one standard deviation)."""
_PRIOR = 1.1
_PERIODICITY = 2.5
"""How much the regularity around a moment counts against what begins on the beat itself."""
_CHANGE = 1000.0
"""What a change of tempo costs: times the square of its logarithm."""
_MIN_CLARITY, _MIN_REGULARITY = 0.015, 0.27
"""What there must be at least for there to be a beat at all."""
_FAINT = 0.01
"""Share of the usual power of the novelty under which a window is silent."""
_WINDOW_SECONDS = 10.0
_STEP_SECONDS = 1.0


def track_beats(onsets: OnsetNovelty, check: Callable[[], None]) -> FloatArray64:
    """The beats in rows of the novelty, with fractions; empty where there are no strokes, or none regular."""
    novelty = onsets.all
    if len(novelty) < 3 * _MIN_PERIOD or onsets.clarity < _MIN_CLARITY:
        return np.zeros(0)
    merits, regularity = _period_scores(novelty, check)
    if regularity < _MIN_REGULARITY:
        return np.zeros(0)
    path = _best_path(novelty, merits, check)
    return _refine_beats(novelty, path)


def _period_scores(novelty: FloatArray64, check: Callable[[], None]) -> tuple[NDArray[np.float32], float]:
    """How regular the music around each second is at each length of a beat, shape (seconds, periods).

    And how regular it is in all, 0 to 1: random strokes have 0.2, most music more than 0.4.
    """
    step = round(_STEP_SECONDS * BANDS_PER_SECOND)
    size = round(_WINDOW_SECONDS * BANDS_PER_SECOND)
    padded = np.pad(novelty, size // 2)
    window = np.hanning(size)
    count = max(1, -(-len(novelty) // step))
    longest = 4 * _MAX_PERIOD + 4
    fold = 1 << int(np.ceil(np.log2(size + longest)))
    own = np.correlate(window, window, "full")[size - 1 :]
    own = np.maximum(np.pad(own, (0, max(0, longest - size))), 0.05 * own[0])[:longest]
    prior = _PRIOR * (np.log2(60 * BANDS_PER_SECOND / PERIODS / _USUAL_BPM) / _SPREAD) ** 2 / 2
    rows = np.zeros((count, len(PERIODS)), np.float32)
    power = np.zeros(count)
    regularity = np.zeros(count)
    for at in range(count):
        if at % 64 == 0:
            check()
        part = padded[at * step : at * step + size] * window
        spectrum = np.fft.rfft(part - part.mean() * window / window.mean(), fold)
        repeats = np.fft.irfft(np.abs(spectrum) ** 2, fold)[:longest] / own
        power[at] = repeats[0]
        regular = _comb_scores(repeats / max(repeats[0], 1e-9))
        regularity[at] = regular.max()
        rows[at] = regular * _PERIODICITY - prior
    sounds = power > _FAINT * float(power.mean())
    rows = _bridge_silence(rows, sounds)
    best = float(regularity[sounds].mean()) if sounds.any() else 0.0
    smooth: NDArray[np.float32] = ndimage.uniform_filter1d(rows, 5, axis=0, mode="nearest")
    return smooth, best


def _bridge_silence(rows: NDArray[np.float32], sounds: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Silence, which has no tempo of its own, gets what the music before and after it has."""
    known = np.flatnonzero(sounds)
    if not len(known) or len(known) == len(rows):
        return rows
    at = np.arange(len(rows))
    after = known[np.minimum(np.searchsorted(known, at), len(known) - 1)]
    before = known[np.maximum(np.searchsorted(known, at, "right") - 1, 0)]
    share = np.clip((at - before) / np.maximum(after - before, 1), 0.0, 1.0)[:, np.newaxis]
    return np.asarray(rows[before] * (1 - share) + rows[after] * share, np.float32)


def _comb_scores(repeats: FloatArray64) -> FloatArray64:
    """How well a beat, two, three and four of them repeat."""
    places = np.arange(len(repeats))
    found = np.zeros(len(PERIODS))
    for times, weight in ((1, 1.0), (2, 0.7), (3, 0.25), (4, 0.6)):
        near = np.arange(-0.4 * times, 0.41 * times, 0.4)
        at = PERIODS[:, np.newaxis] * times + near
        found += weight * np.interp(at, places, repeats).max(axis=1)
    return found / 2.55


def _best_path(novelty: FloatArray64, merits: NDArray[np.float32], check: Callable[[], None]) -> IntArray64:
    """The best beats, whole rows. Blocks of the shortest beat do not depend on themselves, so go in one."""
    rows, periods = len(novelty), len(PERIODS)
    weights = PERIODS / BANDS_PER_SECOND
    moves = _move_costs()
    step = round(_STEP_SECONDS * BANDS_PER_SECOND)
    # The best scores of the beats in the last rows, by the length of the beat that comes after.
    recent = np.zeros((_MAX_PERIOD, periods), np.float32)
    source = np.zeros((rows, periods), np.int8)
    for start in range(0, rows, _MIN_PERIOD):
        if start % (256 * _MIN_PERIOD) == 0:
            check()
        at = np.arange(start, min(start + _MIN_PERIOD, rows))
        before = at[:, np.newaxis] - start - PERIODS[np.newaxis, :] + _MAX_PERIOD
        gain = weights * (novelty[at][:, np.newaxis] + merits[np.minimum(at // step, len(merits) - 1)])
        score = recent[before, np.arange(periods)] + gain.astype(np.float32)
        through = score[:, np.newaxis, :] - moves[np.newaxis]
        source[at] = through.argmax(axis=2)
        recent = np.concatenate((recent, through.max(axis=2)))[-_MAX_PERIOD:]
    return _trace_back(recent, source)


def _trace_back(recent: NDArray[np.float32], source: NDArray[np.int8]) -> IntArray64:
    # The last beat lies in the last stretch; what comes after it is left over.
    last, held = (int(place) for place in np.unravel_index(int(recent.argmax()), recent.shape))
    at = len(source) - _MAX_PERIOD + last
    beats: list[int] = []
    while at >= 0:
        beats.append(at)
        held = int(source[at, held])
        at -= int(PERIODS[held])
    return np.array(beats[::-1], dtype=np.int64)


def _move_costs() -> NDArray[np.float32]:
    """What it costs to go on (row) from the length before (column); a row more or less is free."""
    ratio = np.log(PERIODS[:, np.newaxis] / PERIODS[np.newaxis, :])
    slack = 1.0 / PERIODS[np.newaxis, :]
    return (_CHANGE * np.maximum(np.abs(ratio) - slack, 0.0) ** 2).astype(np.float32)


def _refine_beats(novelty: FloatArray64, path: IntArray64) -> FloatArray64:
    """Beats moved onto the peak beside them, with fractions of a row from a parabola."""
    found = path.astype(np.float64)
    for index, row in enumerate(path):
        low, high = max(1, row - 2), min(len(novelty) - 1, row + 3)
        if high <= low:
            continue
        top = low + int(novelty[low:high].argmax())
        left, peak, right = novelty[top - 1 : top + 2] if top + 1 < len(novelty) else (0.0, 0.0, 0.0)
        curve = left - 2 * peak + right
        if peak > 0.3 and curve < 0:
            found[index] = top + np.clip(0.5 * (left - right) / curve, -0.5, 0.5)
    return found
