"""The work of `repaint`: a request to the engine for each range, and its audio spliced into a stem."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from typing import Any, cast

import msgspec

from bandmate_plugins.conduct import ContractError
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Piece, Remark, Report, Score, StemStart, Steps
from bandmate_plugins.repaint import RepaintParams, Span
from bandmate_plugins.repaint.layout import balance_of, fitted
from bandmate_plugins.repaint.splice import Splicer
from bandmate_plugins.request import AudioInput, Context, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.units import one_line

_BALANCE_SECONDS = 5


def repainted(
    request: TaskRequest[RepaintParams], engine: LoadedEngine, context: Context
) -> Iterator[Output]:
    """Yields a stem for each range, spliced. Raises RequestError where a range cannot be repainted."""
    source = request.input("source")
    assert source is not None, "the task requires a source"
    spans = spans_of(request.params, request.timeline)
    for span in spans:
        _check_span(span, source, request.timeline.sample_rate)
    if source.channels > 2:
        yield Remark(
            f"The source has {source.channels} channels: the new audio is on the first two, and their mean "
            "on the others, as loud beside them as each was."
        )
    roles: list[str] = []
    seams = []
    for number, span in enumerate(spans):
        context.check()
        made = _Range(number, span, len(spans), request, source)
        yield from made.outputs(engine, context)
        roles.append(made.role)
        seams.append(made.seams)
    yield Report({"ranges": [_told(*each) for each in zip(spans, roles, seams, strict=True)]})


def spans_of(params: RepaintParams, timeline: Timeline) -> tuple[Span, ...]:
    """The ranges to repaint, in order. Raises RequestError (`bad_params`) for one outside the timeline."""
    spans = params.ranges or (Span(timeline.start_frame, timeline.end_frame),)
    for span in spans:
        if span.start_frame < timeline.start_frame or span.end_frame > timeline.end_frame:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                f"The range from frame {span.start_frame} to {span.end_frame} lies outside of the timeline, "
                f"which goes from {timeline.start_frame} to {timeline.end_frame}.",
                "Let the timeline go from the start of the first range to the end of the last.",
            )
    return spans


def timeline_of(span: Span, timeline: Timeline, source: AudioInput) -> Timeline:
    """The timeline of one range, with as much context as the source has around it."""
    return TempoMap.of(timeline).timeline(
        span.start_frame,
        span.end_frame,
        key=timeline.key,
        chords=timeline.chords,
        context_before_frames=max(span.start_frame - max(source.start_frame, 0), 0),
        context_after_frames=max(source.start_frame + source.frames - span.end_frame, 0),
    )


class _Range:
    """One range on its way from the engine to its stem."""

    def __init__(
        self, number: int, span: Span, count: int, request: TaskRequest[RepaintParams], source: AudioInput
    ) -> None:
        self._number, self._span, self._count = number, span, count
        self._request, self._source = request, source
        self._rate = request.timeline.sample_rate
        self._splicer: Splicer | None = None
        self._done = 0
        self._engine = ""
        self.role = "other"

    @property
    def seams(self) -> dict[str, int]:
        """Frames of the fades."""
        return self._splicer.seams if self._splicer else {}

    def outputs(self, engine: LoadedEngine, context: Context) -> Iterator[Output]:
        """Asks the engine, and passes on what it gives, its audio spliced."""
        self._engine = type(engine).__name__
        with closing(cast("Any", engine.inpaint(self._asked(), context))) as given:
            for output in given:
                yield from self._taken(output)
        if self._splicer is None or self._done != self._frames:
            raise self._breach(f"gave {self._done} frames")
        for samples in self._splicer.finish():
            yield Piece(self._number, samples)

    def _asked(self) -> TaskRequest[RepaintParams]:
        request = self._request
        params = msgspec.structs.replace(request.params, ranges=())
        timeline = timeline_of(self._span, request.timeline, self._source)
        seed = (request.seed + self._number) % 2**32
        return TaskRequest(params, timeline, seed, request.inputs)

    @property
    def _frames(self) -> int:
        return self._span.end_frame - self._span.start_frame

    def _taken(self, output: Output) -> Iterator[Output]:
        if isinstance(output, StemStart):
            yield self._started(output)
        elif isinstance(output, Piece):
            yield from self._spliced(output)
        elif isinstance(output, Score):
            yield Score(self._number, output.notes)
        elif isinstance(output, Steps):
            stage = output.stage if self._count == 1 else f"{output.stage}, range {self._number + 1}"
            yield Steps(stage, output.step, output.steps)
        elif isinstance(output, Remark) and self._number:
            yield Remark(f"Range {self._number + 1}: {output.sentence}")
        else:
            yield output

    def _started(self, start: StemStart) -> StemStart:
        again = start.revises is not None
        if self._splicer is not None and not again:
            raise self._breach("announced more than one stem")
        first = self._span.start_frame - self._source.start_frame
        self.role = start.role
        self._splicer = Splicer(
            self._source, first, first + self._frames, self._rate, start.role in ("drums", "percussion")
        )
        self._done = 0
        name = start.name if self._count == 1 else f"{start.name} {self._number + 1}"
        return StemStart(
            one_line(name),
            start.role,
            channels=self._source.channels,
            frames=self._frames,
            start_frame=self._span.start_frame,
            colour=start.colour,
            revises=self._number if again else None,
        )

    def _spliced(self, piece: Piece) -> Iterator[Output]:
        if self._splicer is None:
            raise self._breach("gave audio before it announced its stem")
        self._done += len(piece.samples)
        if self._done > self._frames:
            raise self._breach(f"gave {self._done} frames")
        samples = fitted(piece.samples, self._source.channels, self._balance)
        for ready in self._splicer.add(samples):
            yield Piece(self._number, ready)

    @cached_property
    def _balance(self) -> Any:
        around = _BALANCE_SECONDS * self._rate
        start = max(self._span.start_frame - self._source.start_frame - around, 0)
        frames = 2 * around if self._source.channels > 2 else 0
        return balance_of(self._source.read(min(start, self._source.frames), frames))

    def _breach(self, what: str) -> ContractError:
        return ContractError(
            ErrorCode.ENGINE_FAILED,
            f"The engine `{self._engine}` broke its contract in `inpaint`: it {what}, where one stem of "
            f"{self._frames} frames is asked for.",
            "This is a fault of the plugin; its author can find it with bandmate_plugins.testing.",
        )


def _check_span(span: Span, source: AudioInput, rate: int) -> None:
    end = source.start_frame + source.frames
    if span.end_frame <= source.start_frame or span.start_frame >= end:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            f"The range from {span.start_frame / rate:.2f} s to {span.end_frame / rate:.2f} s lies outside "
            f"of the audio, which goes from {source.start_frame / rate:.2f} s to {end / rate:.2f} s.",
            "Choose a range that overlaps the audio; `generate` makes music where there is none.",
        )


def _told(span: Span, role: str, seams: dict[str, int]) -> dict[str, Any]:
    return {
        "start_frame": span.start_frame,
        "end_frame": span.end_frame,
        "role": role,
        "fade_in_frames": seams.get("head", 0),
        "fade_out_frames": seams.get("tail", 0),
    }
