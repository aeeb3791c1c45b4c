"""The work of `repaint`: the ranges are asked of the engine, and its audio is spliced into their stems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, cast

import msgspec

from bandmate_plugins._tasks.repaint import FrameRange, RepaintParams
from bandmate_plugins._tasks.repaint.ranges import RangeStem
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import (
    Output,
    Remark,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    TaskReport,
)
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Timeline
from bandmate_protocol.texts import say


def repaint_source(
    request: TaskRequest[RepaintParams], engine: LoadedEngine, context: TaskContext
) -> Iterator[Output]:
    """Yields a stem for each range, spliced. Raises RequestError where a range cannot be repainted."""
    source = request.source
    spans = requested_ranges(request.params, request.timeline)
    for span in spans:
        _check_span(span, source, request.timeline.sample_rate)
    if source.channels > 2:
        yield Remark(
            say(
                "The recording has {channels} channels: the new audio fills the first two, and the others get "
                "their mean, each at its own level.",
                channels=source.channels,
            )
        )
    who, rate = type(engine).__name__, request.timeline.sample_rate
    ranges = [RangeStem(number, span, len(spans), source, rate, who) for number, span in enumerate(spans)]
    passes = [ranges] if engine.takes_ranges else [[each] for each in ranges]
    for number, each in enumerate(passes, 1):
        context.check()
        stage = f", range {number}" if len(passes) > 1 else ""
        yield from _EnginePass(each, request, stage).run_engine(engine, context)
    yield TaskReport({"ranges": [each.range_report() for each in ranges]})


def requested_ranges(params: RepaintParams, timeline: Timeline) -> tuple[FrameRange, ...]:
    """The ranges to repaint, in order. Raises RequestError (`bad_params`) for one outside the timeline."""
    spans = params.ranges or (FrameRange(timeline.start_frame, timeline.end_frame),)
    for span in spans:
        if span.start_frame < timeline.start_frame or span.end_frame > timeline.end_frame:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say(
                    "The range from frame {start_frame} to {end_frame} is outside the timeline, which runs from "
                    "{source_start} to {end_frame2}.",
                    start_frame=span.start_frame,
                    end_frame=span.end_frame,
                    source_start=timeline.start_frame,
                    end_frame2=timeline.end_frame,
                ),
                "Extend the timeline from the start of the first range to the end of the last.",
            )
    return spans


def range_timeline(span: FrameRange, request: TaskRequest[Any, Any]) -> Timeline:
    """The timeline of one range, with as much context as the source has around it."""
    timeline, source = request.timeline, request.source
    return request.tempo.timeline_between(
        span.start_frame,
        span.end_frame,
        key=timeline.key,
        chords=timeline.chords,
        context_before_frames=max(span.start_frame - max(source.start_frame, 0), 0),
        context_after_frames=max(source.start_frame + source.frames - span.end_frame, 0),
    )


class _EnginePass:
    """One request to the engine: a range, or several at once for an engine that takes them so."""

    def __init__(self, ranges: Sequence[RangeStem], request: TaskRequest[RepaintParams], stage: str) -> None:
        self._ranges, self._request, self._stage = ranges, request, stage
        self._begun = 0

    def run_engine(self, engine: LoadedEngine, context: TaskContext) -> Iterator[Output]:
        """Asks the engine, and passes on what it gives, its audio spliced."""
        with closing(cast("Any", engine.inpaint(self._engine_request(), context))) as given:
            for output in given:
                yield from self._splice_output(output)
        for each in self._ranges:
            yield from each.finish_stem()

    def _engine_request(self) -> TaskRequest[RepaintParams]:
        spans = [each.span for each in self._ranges]
        params = msgspec.structs.replace(self._request.params, ranges=tuple(spans) if len(spans) > 1 else ())
        whole = FrameRange(spans[0].start_frame, spans[-1].end_frame)
        timeline = range_timeline(whole, self._request)
        seed = (self._request.seed + self._ranges[0].number) % 2**32
        return TaskRequest(params, timeline, seed, self._request.inputs, self._request.options)

    def _splice_output(self, output: Output) -> Iterator[Output]:
        if isinstance(output, StemStart):
            yield self._announce_stem(output)
        elif isinstance(output, StemAudio):
            yield from self._range_stem(output.stem).splice_audio(output.samples)
        elif isinstance(output, StemNotes):
            yield StemNotes(self._range_stem(output.stem).number, output.notes)
        elif isinstance(output, StageProgress):
            yield StageProgress(
                say("{stage}{suffix}", stage=output.stage, suffix=self._stage), output.step, output.steps
            )
        elif isinstance(output, Remark) and self._ranges[0].number:
            yield Remark(
                say("Range {number}: {sentence}", number=self._ranges[0].number + 1, sentence=output.sentence)
            )
        else:
            yield output

    def _announce_stem(self, start: StemStart) -> StemStart:
        if start.revises is not None:
            return self._range_stem(start.revises).announce_stem(start)
        if self._begun == len(self._ranges):
            raise self._ranges[-1].contract_error("announced more than one stem")
        self._begun += 1
        return self._range_stem(self._begun - 1).announce_stem(start)

    def _range_stem(self, stem: int) -> RangeStem:
        if not 0 <= stem < self._begun:
            raise self._ranges[0].contract_error("gave audio before it announced its stem")
        return self._ranges[stem]


def _check_span(span: FrameRange, source: AudioInput, rate: int) -> None:
    end = source.start_frame + source.frames
    if span.end_frame <= source.start_frame or span.start_frame >= end:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say(
                "The range from {start_frame:.2f} s to {end_frame:.2f} s is outside the audio, which runs from "
                "{source_start:.2f} s to {end:.2f} s.",
                start_frame=span.start_frame / rate,
                end_frame=span.end_frame / rate,
                source_start=source.start_frame / rate,
                end=end / rate,
            ),
            "Choose a range that overlaps the audio; `generate` makes music where there is none.",
        )
