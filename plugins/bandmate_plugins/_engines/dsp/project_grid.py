"""The project's own grid under a recording, and whether what was heard agrees with it."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._listening import DetectedBeats, TempoChange
from bandmate_plugins.request import AudioInput
from bandmate_protocol.tempo import TempoMap

_MIN_BEATS = 8
"""Beats that must have been heard."""
_LATE_SECONDS, _APART_SECONDS = 0.025, 0.015
"""How far off a grid music that is played to it lies in the mean, and how much that may change on the way."""
_MAX_ASTRAY = 0.1
"""Share of the beats that may lie elsewhere."""


def project_pulse(tempo: TempoMap, source: AudioInput) -> DetectedBeats:
    """The beats of a tempo map under the source."""
    rate, end = tempo.sample_rate, source.start_frame + source.frames
    beats: list[float] = []
    firsts: list[int] = []
    for beat in tempo.beats(source.start_frame, end):
        if beat.denominator == 8 and beat.numerator % 3 == 0 and beat.numerator > 3 and beat.index % 3:
            continue
        if beat.index == 0:
            firsts.append(len(beats))
        beats.append(max(beat.position - source.start_frame, 0.0) / rate)
    numerator, denominator = tempo.metre_at(source.start_frame)
    change = TempoChange(0.0, tempo.bpm_at(source.start_frame))
    return DetectedBeats(np.array(beats), np.array(firsts, np.int64), numerator, denominator, [change])


def beats_agree(heard: DetectedBeats, project: DetectedBeats) -> bool:
    """Whether beats that were heard lie on the beats and half beats of a project, from first to last."""
    if len(heard.beats) < _MIN_BEATS or len(project.beats) < _MIN_BEATS:
        return False
    grid = project.beats
    inside = heard.beats[(heard.beats >= grid[0]) & (heard.beats <= grid[-1])]
    if len(inside) < _MIN_BEATS:
        return False
    halves = 2 * np.interp(inside, grid, np.arange(len(grid)))
    nearest = np.interp(np.round(halves) / 2, np.arange(len(grid)), grid)
    off = inside - nearest
    quarters = [float(np.median(part)) for part in np.array_split(off, 4)]
    astray = np.mean(np.abs(off) > 2 * _LATE_SECONDS)
    return bool(
        abs(float(np.median(off))) < _LATE_SECONDS
        and max(quarters) - min(quarters) < _APART_SECONDS
        and astray <= _MAX_ASTRAY
    )
