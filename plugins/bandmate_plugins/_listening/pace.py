"""Which of the paces at which music moves is the beat: as tracked, twice or half as fast, on it or between.

Each candidate is described by what happens on its beats, between them and on every second of them, by its
tempo, and by how likely the bars are that its beats can be counted in. A linear score chooses; it is fitted
by tests/measure/analysis_fit.py to bands that the engine `sketch` plays, and to the tempo of a few recordings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bandmate_plugins._listening import metre
from bandmate_plugins._listening.cues import CUE_COUNT, BeatCues, standardize_columns
from bandmate_plugins._listening.fitted import fitted_numbers
from bandmate_plugins._platform.arrays import FloatArray64

MIN_PACE_BPM, MAX_PACE_BPM = 40.0, 260.0
"""Beats a minute that a candidate may have."""
_SLOWEST_COMPOUND = 1.05
"""Seconds above which a beat in three parts is a bar of three beats."""
_THREE_OVER_TWO = 1.2


def choose_pace(ways: Sequence[FloatArray64], cues: BeatCues) -> FloatArray64:
    """The beats (in seconds) of the candidate with the best score."""
    if len(ways) < 2:
        return ways[0]
    weights = fitted_numbers("pace")
    return max(ways, key=lambda one: float(pace_features(one, cues) @ weights))


def pace_candidates(beats: FloatArray64, sounding: tuple[float, float]) -> list[FloatArray64]:
    """The beats as they are; between them; 2, 1/2, 2/3, 3/2 and 3 times as fast, at every phase.

    `sounding` is from where to where, in seconds, there may be any.
    """
    if len(beats) < 8:
        return [beats]
    middles = (beats[:-1] + beats[1:]) / 2
    first, last = beats[0] - (middles[0] - beats[0]), beats[-1] + (beats[-1] - middles[-1])
    between = np.array([at for at in (first, *middles, last) if sounding[0] <= at < sounding[1]])
    both = np.sort(np.concatenate((beats, between)))
    ways = [beats, between, both, beats[::2], beats[1::2], between[::2], between[1::2]]
    ways += [both[phase::3] for phase in range(3)]
    faster = with_thirds(beats)
    ways += [faster[::2], faster[1::2], faster]
    bpm = [60 / max(float(np.median(np.diff(way))), 1e-3) for way in ways]
    return [way for way, pace in zip(ways, bpm, strict=True) if MIN_PACE_BPM <= pace <= MAX_PACE_BPM] or [
        beats
    ]


def regroup_in_three(beats: FloatArray64, bars: metre.BarGrid, cues: BeatCues) -> FloatArray64 | None:
    """Other beats where bars of two or four that divide in three are bars of three beats; None where not."""
    if bars.quarters != 1.5 or len(bars.downbeats) < 2:
        return None
    if float(np.median(np.diff(beats))) > _SLOWEST_COMPOUND:
        return with_thirds(beats)
    if bars.beats != 2:
        return None
    # Six eighths have a stroke on the fourth, three quarters on the third and the fifth.
    starts = beats[bars.downbeats]
    spans = np.diff(starts)
    second, third, middle = (
        float(np.mean(cues.cues_at(starts[:-1] + part * spans, 0.2)[:, :3])) for part in (1 / 3, 2 / 3, 0.5)
    )
    if min(second, third) < _THREE_OVER_TWO * max(middle, 0.1):
        return None
    return with_thirds(beats)[int(bars.downbeats[0]) % 2 :: 2]


def with_thirds(beats: FloatArray64) -> FloatArray64:
    """The beats and the thirds between them."""
    return np.interp(np.arange(3 * len(beats) - 2) / 3, np.arange(len(beats)), beats)


def pace_features(beats: FloatArray64, cues: BeatCues) -> FloatArray64:
    """A candidate as numbers."""
    spans = np.diff(beats)
    period = float(np.median(spans))
    parts = [0.0, 0.5, 0.25, 0.75]
    at = [beats[:-1] + part * spans for part in parts]
    columns = standardize_columns(cues.cues_at(np.concatenate(at), period))
    on, half, early, late = np.split(columns, len(parts))
    pace = np.log2(60 / period / 120)
    alternate = np.abs(on[::2].mean(axis=0) - on[1::2].mean(axis=0))
    likely, length = metre.likeliest_length(beats, cues)
    counted = [likely, likely / period, float(length == 4), float(length == 3)]
    return np.concatenate(
        (
            [pace, pace * pace],
            counted,
            _row_means(on),
            _row_means(half),
            _row_means(early) + _row_means(late),
            alternate,
        )
    )


def _row_means(rows: FloatArray64) -> FloatArray64:
    return np.asarray(rows.mean(axis=0)) if len(rows) else np.zeros(CUE_COUNT)
