"""Gives a range of a piece that was made here, played anew, as the stem of a repaint."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bandmate_plugins._engines.sketch.performance import remarks as telling
from bandmate_plugins._engines.sketch.performance.outputs import emit_notes
from bandmate_plugins._engines.sketch.repaint.ensemble import notes_in_range
from bandmate_plugins._engines.sketch.repaint.listen import RepaintAnalysis
from bandmate_plugins._engines.sketch.repaint.match import gated_loudness
from bandmate_plugins._engines.sketch.repaint.own import (
    RebuiltPiece,
    keeps_band,
    notes_until,
    play_between,
    rebuild_piece,
    recompose,
    source_gain,
)
from bandmate_plugins._engines.sketch.repaint.wishes import RepaintChange
from bandmate_plugins._engines.sketch.sound.limiter import StemLimiter
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_plugins.outputs import Output, Remark, StageProgress, StemStart, TaskReport
from bandmate_plugins.outputs import StemAudio as Sound
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.texts import say

_SHORT_SECONDS = 0.8
_MAX_OFFSET_LU = 0.9
"""How far the new range may lie from the loudness around it before its gain gives way."""


@dataclass(frozen=True)
class ReplaySource:
    """A piece that the source was found to hold, and its gain there."""

    piece: RebuiltPiece
    gain: float


def find_replay_source(
    request: TaskRequest[Any], source: AudioInput, wish: ParsedPrompt, shelf: NoteCache
) -> ReplaySource | None:
    """The piece that the source holds, if it is one of this engine's and the prompt keeps its band."""
    recipe = request.params.recipe
    if recipe is None or not keeps_band(wish):
        return None
    piece = rebuild_piece(recipe, request.params.part, request.timeline, shelf)
    gain = source_gain(piece, source, request.timeline, shelf) if piece is not None else None
    return ReplaySource(piece, gain) if piece is not None and gain is not None else None


def replay_range(
    again: ReplaySource,
    request: TaskRequest[Any],
    change: RepaintChange,
    wish: ParsedPrompt,
    told: RepaintAnalysis,
    shelf: NoteCache,
    context: TaskContext,
) -> Iterator[Output]:
    """Yields one stem: the range of the request's timeline with other notes by the same band."""
    piece, timeline = again.piece, request.timeline
    given = bool(request.params.chords.strip())
    band = recompose(piece, timeline, request.seed, change, wish, new_chords=given)
    parts, mono = piece.source_parts, told.around.old.samples.shape[1] < 2
    name, role = (parts[0].name, parts[0].role) if len(parts) == 1 else ("Mix", "mix")
    yield StemStart(name, role, channels=1 if mono else 2)
    for notes in notes_until(piece, band, timeline.end_frame):
        kept = notes_in_range(notes, timeline.start_frame - piece.music.start_frame, timeline.frames)
        yield from emit_notes([kept], mixed=True)
    audio = play_between(piece, band, timeline.start_frame, timeline.end_frame, shelf)
    first = next(audio)
    gain = again.gain * _match_seam(first * np.float32(again.gain), told, change, timeline.sample_rate, mono)
    limiter, done, made = StemLimiter(timeline.sample_rate, 1), 0, first
    while True:
        context.check()
        done += len(made)
        ready = limiter.add([made * np.float32(gain)])[0]
        if done == timeline.frames:
            ready = np.concatenate((ready, limiter.finish()[0]))
        if len(ready):
            yield Sound(0, to_mono_or_stereo(ready, mono))
        yield StageProgress("Playing", done, timeline.frames)
        if done == timeline.frames:
            break
        made = next(audio)
    chart = band.chart
    yield TaskReport(
        {
            "from_notes": True,
            "genre": chart.genre.title,
            "key": chart.key.name,
            "parts": [part.name for part in parts],
            "instruments": [part.sound_name for part in parts],
        }
    )
    yield Remark("Bandmate made this recording, so it is repainted from its own notes, by the same band.")
    if used := [*change.words, *wish.used]:
        yield Remark(say("Understood: {join_words}.", join_words=telling.join_words(used)))


def _match_seam(
    first: AudioSamples, told: RepaintAnalysis, change: RepaintChange, rate: int, mono: bool
) -> float:
    """What brings the first seconds within a loudness unit of what is around, and to what was asked for."""
    asked = 10 ** (change.loudness / 20)
    if told.lufs is None or len(first) < _SHORT_SECONDS * rate:
        return float(asked)
    off = gated_loudness([to_mono_or_stereo(first, mono)], rate) - told.lufs
    if not math.isfinite(off):
        return float(asked)
    excess = max(abs(off) - _MAX_OFFSET_LU, 0.0) * (1 if off > 0 else -1)
    return float(asked * 10 ** (-min(max(excess, -6.0), 6.0) / 20))


def to_mono_or_stereo(samples: AudioSamples, mono: bool) -> AudioSamples:
    """On one channel or two."""
    return np.ascontiguousarray(samples.mean(axis=1, keepdims=True) if mono else samples, dtype=np.float32)
