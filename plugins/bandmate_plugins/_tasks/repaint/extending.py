"""The work of `extend`: ranges beyond the recording's ends, repainted, and the recording between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._tasks.repaint import FrameRange
from bandmate_plugins._tasks.repaint.extend import ExtendParams
from bandmate_plugins._tasks.repaint.inner import RepaintResult, read_pieces, repaint_within, shift_notes
from bandmate_plugins._tasks.repaint.seams import MAX_FADE_SECONDS
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Remark, StemAudio, StemNotes, StemStart, TaskReport
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame
from bandmate_protocol.texts import say

Mark = TypeVar("Mark", ChordMark, TempoPoint)


def extend_source(
    request: TaskRequest[ExtendParams], engine: LoadedEngine, context: TaskContext
) -> Iterator[Output]:
    """One stem: what leads up to the source, the source, and what goes on after it.

    Of the source all but at most 0.12 s at an end that goes on stays as it is, to the bit. Raises
    RequestError (`input_unusable`, `bad_params`, and as a repaint).
    """
    source = nonempty_source(request)
    before, after = added_frames(request.params, request.tempo, source)
    # Nothing begins before the project does, so all of it is thought of as later; the tempo map comes along.
    late = max(before - source.start_frame, 0)
    timeline, moved = shift_timeline(request.timeline, late), ShiftedInput(source, late)
    later = replace(request, timeline=timeline, inputs=(moved,))
    spans = extension_ranges(moved, before, after, request.timeline.sample_rate)
    frames = before + source.frames + after
    start = moved.start_frame - before
    stem = StemStart("Extended", "other", source.channels, frames, start)
    made = yield from repaint_within(later, engine, context, spans, stem)
    yield from _join_ranges(made, moved, start, frames)
    yield TaskReport({"added_before_frames": before, "added_after_frames": after})
    if late:
        seconds = late / request.timeline.sample_rate
        yield Remark(
            say(
                "Nothing can begin before the project, so the recording now starts {seconds:.3f} s later.",
                seconds=seconds,
            )
        )


def added_frames(params: ExtendParams, tempo: TempoMap, source: AudioInput) -> tuple[int, int]:
    """How many frames to add before and after the source, by the bars and the tempo at its ends.

    Raises RequestError (`bad_params`) for less than a frame.
    """
    first, last = source.start_frame, source.start_frame + source.frames

    def bars(at: int, count: float) -> int:
        numerator, denominator = tempo.metre_at(at)
        return nearest_frame(tempo.position_at(tempo.quarters_at(at) + count * numerator * 4 / denominator))

    before, after = first - bars(first, -params.before), bars(last, params.after) - last
    if not before + after:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "That adds less than one frame.",
            "Set `after` or `before` to a number of bars.",
        )
    return before, after


def extension_ranges(source: AudioInput, before: int, after: int, rate: int) -> tuple[FrameRange, ...]:
    """The ranges to make: over an end of the source by as much as a splice needs."""
    first, last = source.start_frame, source.start_frame + source.frames
    join = min(round(2 * MAX_FADE_SECONDS * rate), source.frames // 2)
    if not join:  # a single frame, which has two sides but no halves
        return (FrameRange(first - before, last + after),)
    spans = []
    if before:
        spans.append(FrameRange(first - before, first + join))
    if after:
        spans.append(FrameRange(last - join, last + after))
    return tuple(spans)


def shift_timeline(timeline: Timeline, frames: int) -> Timeline:
    """The same range and music, so many frames later in the project."""
    if not frames:
        return timeline
    return msgspec.structs.replace(
        timeline,
        start_frame=timeline.start_frame + frames,
        end_frame=timeline.end_frame + frames,
        tempo=_shift_marks(timeline.tempo, frames),
        chords=_shift_marks(timeline.chords, frames),
    )


def _shift_marks(marks: tuple[Mark, ...], frames: int) -> tuple[Mark, ...]:
    return tuple(msgspec.structs.replace(mark, position=mark.position + frames) for mark in marks)


class ShiftedInput(AudioInput):
    """Audio so many frames later in the project."""

    def __init__(self, audio: AudioInput, frames: int) -> None:
        self._audio = audio
        self.role, self.frames, self.channels = audio.role, audio.frames, audio.channels
        self.start_frame = audio.start_frame + frames

    def read(self, offset: int = 0, frames: int | None = None) -> NDArray[np.float32]:
        """As the audio itself."""
        return self._audio.read(offset, frames)


def _join_ranges(
    made: Sequence[RepaintResult], source: AudioInput, start: int, frames: int
) -> Iterator[Output]:
    """The ranges, with the source where none is. Frames of the stem begin at the project's frame `start`."""
    done = start
    for each in made:
        yield from _source_pieces(source, done, each.span.start_frame)
        yield StemAudio(0, np.ascontiguousarray(each.audio))
        yield StemNotes(0, shift_notes(each.notes, each.span.start_frame - start))
        done = each.span.end_frame
    yield from _source_pieces(source, done, start + frames)


def _source_pieces(source: AudioInput, first: int, last: int) -> Iterator[Output]:
    return read_pieces(source, first - source.start_frame, last - source.start_frame)
