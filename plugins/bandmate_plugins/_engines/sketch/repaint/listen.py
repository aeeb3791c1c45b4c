"""Listens to what is around a range, and keeps what a band needs to know."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bandmate_plugins._engines.sketch.repaint.around import (
    RangeAudio,
    read_context_audio,
    read_range_audio,
)
from bandmate_plugins._engines.sketch.repaint.match import loudness_around
from bandmate_plugins._engines.sketch.theory.measures import beat_level
from bandmate_plugins._listening.context import ContextAnalyser, ContextAnalysis
from bandmate_plugins._listening.grid_timing import GridTiming, measure_flux, measure_timing
from bandmate_plugins._listening.parts import DetectedPart, detect_part
from bandmate_plugins._listening.placed_audio import PlacedAudio
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.outputs import Output, StageProgress
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest

_STAGES = 4


@dataclass(frozen=True)
class RepaintAnalysis:
    """All that was heard."""

    around: RangeAudio
    pulse: GridTiming
    heard: ContextAnalysis
    playing: DetectedPart | None
    lufs: float | None
    """Of the seconds before and after the range; None where nothing sounds."""


def analyse_surroundings(
    request: TaskRequest[Any], source: AudioInput, context: TaskContext
) -> Generator[Output, None, RepaintAnalysis]:
    """Listens to the source, and to the other tracks if they were sent; yields its progress."""
    music, rate = MusicalRange(request.timeline, request.tempo), request.timeline.sample_rate

    def step(number: int) -> StageProgress:
        context.check()
        return StageProgress("Analysing", number, _STAGES)

    yield step(0)
    around = read_range_audio(request, source)
    tracks = read_context_audio(request, music.timeline)
    yield step(1)
    pulse = _detect_timing(around, tracks, music)
    yield step(2)
    heard = _detect_harmony((*around.audible_all, *tracks), music)
    yield step(3)
    own = _detect_harmony(around.audible_all, music) if tracks else heard
    what = detect_part(around.audible_near, rate, keyed=own.key is not None, cents=heard.tuning_cents)
    lufs = loudness_around(around.audible_near, music.start_frame, music.end_frame, rate)
    yield step(4)
    return RepaintAnalysis(around, pulse, heard, what, lufs if math.isfinite(lufs) else None)


def _detect_timing(around: RangeAudio, tracks: Sequence[PlacedAudio], music: MusicalRange) -> GridTiming:
    """How the source plays against the grid; where it keeps no time, how the other tracks do."""
    rate, felt = around.rate, 2.0 ** beat_level(music.tempo, music.start_frame)
    before, old, after = (
        [measure_flux(one, rate)] if not one.is_silent else []
        for one in (around.before, around.old, around.after)
    )
    found = measure_timing(before or old, after or old, music.tempo, felt)
    if found.steady or not tracks:
        return found
    aside = [measure_flux(one, rate) for one in tracks]
    other = measure_timing(aside, aside, music.tempo, felt)
    return GridTiming(
        other.shift_before, other.shift_after, other.steady, other.swing, other.swing_unit, found.density
    )


def _detect_harmony(heard: Sequence[PlacedAudio], music: MusicalRange) -> ContextAnalysis:
    """Key and chords of everything that sounds there, added up."""
    if not heard:
        return ContextAnalysis()
    start, end = min(one.start for one in heard), max(one.end for one in heard)
    total = np.zeros((end - start, 1), dtype=np.float32)
    for one in heard:
        total[one.start - start : one.end - start, 0] += one.mono.astype(np.float32)
    listener = ContextAnalyser(music.sample_rate)
    listener.add(total)
    return listener.analyse(start, music.timeline, music.tempo)
