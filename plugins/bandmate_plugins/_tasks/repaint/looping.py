"""The work of `loop`: the recording played twice, and the seam in the middle repainted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._tasks.repaint import FrameRange
from bandmate_plugins._tasks.repaint.inner import RepaintResult, read_pieces, repaint_within
from bandmate_plugins._tasks.repaint.loop import LoopParams
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Remark, StemAudio, StemNotes, StemStart, TaskReport
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.messages import Note, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame
from bandmate_protocol.texts import say

_WHOLE_BEATS = 0.02
"""How far from a whole number of beats a loop may be, in beats."""


def loop_source(
    request: TaskRequest[LoopParams], engine: LoadedEngine, context: TaskContext
) -> Iterator[Output]:
    """One stem of the source's place and length, whose last frame runs into its first.

    Away from the seam it is the source, to the bit. Raises RequestError (`input_unusable`, and as a repaint).
    """
    source = nonempty_source(request)
    first, last = source.start_frame, source.start_frame + source.frames
    end, begin = seam_frames(request.params.seam, request.tempo, source)
    seam = FrameRange(last - end, last + begin)
    timeline = _repeat_chords(request.timeline, first, source.frames)
    stem = StemStart("Loop", "other", source.channels, source.frames, first)
    twice = replace(request, timeline=timeline, inputs=(RepeatedInput(source),))
    (made,) = yield from repaint_within(twice, engine, context, [seam], stem)
    audio = made.audio
    yield StemAudio(0, np.ascontiguousarray(audio[end:]))
    yield from read_pieces(source, begin, source.frames - end)
    yield StemAudio(0, np.ascontiguousarray(audio[:end]))
    yield StemNotes(0, _seam_notes(made, end, source.frames))
    yield TaskReport({"seam_end_frames": end, "seam_start_frames": begin})
    yield from _odd_length_remarks(request.tempo, first, last)


def seam_frames(beats: float, tempo: TempoMap, source: AudioInput) -> tuple[int, int]:
    """How many frames are made anew at the source's end and at its start: half of the beats each, or less."""
    first, last = source.start_frame, source.start_frame + source.frames
    half = beats / 2 * 4 / tempo.metre_at(last)[1]
    end = last - nearest_frame(tempo.position_at(tempo.quarters_at(last) - half))
    begin = nearest_frame(tempo.position_at(tempo.quarters_at(first) + half)) - first
    most = source.frames // 2
    return max(min(end, most), 1), min(begin, most)


class RepeatedInput(AudioInput):
    """Audio that is played again when it has ended."""

    def __init__(self, audio: AudioInput) -> None:
        self._audio = audio
        self.role, self.channels, self.start_frame = audio.role, audio.channels, audio.start_frame
        self.frames = 2 * audio.frames

    def read(self, offset: int = 0, frames: int | None = None) -> NDArray[np.float32]:
        """From any frame of the two rounds on."""
        last = self.frames if frames is None else min(offset + frames, self.frames)
        once = self._audio.frames
        parts = [
            self._audio.read(max(offset - start, 0), min(last - start, once) - max(offset - start, 0))
            for start in (0, once)
            if last > start and offset < start + once
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.channels), np.float32)


def _repeat_chords(timeline: Timeline, first: int, frames: int) -> Timeline:
    """A timeline whose chords over a loop come again when it does."""
    once = [each for each in timeline.chords if first <= each.position < first + frames]
    again = [msgspec.structs.replace(each, position=each.position + frames) for each in once]
    return msgspec.structs.replace(timeline, chords=(*once, *again))


def _seam_notes(made: RepaintResult, end: int, frames: int) -> list[Note]:
    """Notes of the seam, each where it begins in the loop, and no longer than to the loop's end."""
    found = []
    for note in made.notes:
        start = note.start - end if note.start >= end else frames - end + note.start
        found.append(msgspec.structs.replace(note, start=start, frames=min(note.frames, frames - start)))
    return sorted(found, key=lambda note: note.start)


def _odd_length_remarks(tempo: TempoMap, first: int, last: int) -> Iterator[Output]:
    quarters = tempo.quarters_at(last) - tempo.quarters_at(first)
    beats = quarters * tempo.metre_at(last)[1] / 4
    if abs(beats - round(beats)) > _WHOLE_BEATS:
        yield Remark(
            say("The loop is {beats:.2f} beats long, so the beat jumps where it repeats.", beats=beats)
        )
