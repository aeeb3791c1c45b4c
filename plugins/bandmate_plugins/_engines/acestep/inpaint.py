"""The ability `inpaint`: ranges rendered anew, with the music around them on the same canvas."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.acestep.ask import MAX_SECONDS, MIN_LATENTS, check_length, spec_from_request
from bandmate_plugins._engines.acestep.giving import DecodeTarget, decode_audio, stream_array
from bandmate_plugins._engines.acestep.grid import LatentGrid, SourceSpan, read_excerpt
from bandmate_plugins._engines.acestep.levels import surrounding_gain
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.acestep.tracks import track_title, tracks_in_prompt
from bandmate_plugins._tasks.repaint import FrameRange, RepaintParams
from bandmate_plugins._tasks.repaint.work import range_timeline
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins.outputs import Output, StemStart
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.messages import Timeline

Floats = NDArray[np.float32]

_CONTEXT_SECONDS = 30.0
"""How much of the music on either side is on the canvas; more takes longer and was not found to be needed."""
_SEAM_LATENTS = 25
"""How much of the context is decoded to see what level the codec gives it back at."""


def render_ranges(
    studio: CheckpointRuntime, request: TaskRequest[RepaintParams, AceStepOptions], context: TaskContext
) -> Iterator[Output]:
    """One stem for each range: the bare range. The task makes its seams.

    Ranges that share context are made in one pass and know of each other.
    """
    source = nonempty_source(request)
    timeline = request.timeline
    spans: Sequence[FrameRange] = request.params.ranges or [
        FrameRange(timeline.start_frame, timeline.end_frame)
    ]
    groups = list(group_ranges(spans, timeline.sample_rate))
    for group in groups:
        check_length(_group_timeline(group, request))
    found = tracks_in_prompt(f"{request.params.part} {request.params.prompt}")
    name, role = (track_title(found[0]), found[0]) if len(found) == 1 else ("Repaint", "mix")
    for span in spans:
        frames = span.end_frame - span.start_frame
        yield StemStart(name, role, frames=frames, start_frame=span.start_frame)
    stem = 0
    for group in groups:
        whole = _group_timeline(group, request)
        own = TaskRequest(
            request.params, whole, (request.seed + stem) % 2**32, request.inputs, request.options
        )
        for audio in (yield from _render_group(studio, own, group, source, context)):
            yield from stream_array(stem, audio)
            stem += 1


def group_ranges(spans: Sequence[FrameRange], rate: int) -> Iterator[list[FrameRange]]:
    """Ranges that share context, as far as they go onto one canvas."""
    group: list[FrameRange] = []
    for span in spans:
        if group:
            apart = span.start_frame - group[-1].end_frame > 2 * _CONTEXT_SECONDS * rate
            if apart or span.end_frame - group[0].start_frame > MAX_SECONDS * rate:
                yield group
                group = []
        group.append(span)
    yield group


@dataclass(frozen=True)
class CanvasRange:
    """A range on the codec's grid. Latents are counted on the canvas."""

    first: int
    last: int
    """Its latents, the last one exclusive."""
    aligned: int
    """A latent at or before the first one, at which one of the project's frames begins."""
    skip: int
    """Frames from there to the range."""
    frames: int


@dataclass(frozen=True)
class CanvasLayout:
    """Ranges on one canvas, whose grid begins with the first of them."""

    places: tuple[CanvasRange, ...]
    before: int
    """Latents before the first range."""
    end: int
    """All latents that have audio of the source."""

    @classmethod
    def from_ranges(
        cls, group: Sequence[FrameRange], timeline: Timeline, grid: LatentGrid, origin: int
    ) -> CanvasLayout:
        """The canvas has as much on either side as was sent, within reason.

        The grid begins at the frame `origin`, less than a latent before the first range.
        """
        early = timeline.start_frame - origin
        wanted = grid.covering_latents(early + timeline.frames)
        room = int((MAX_SECONDS - timeline.seconds) / 2 * grid.model_rate / grid.hop)
        most = min(int(_CONTEXT_SECONDS * grid.model_rate / grid.hop), room)
        before = min(grid.whole_latents(max(timeline.context_before_frames - early, 0)), most)
        over = grid.frames_of(wanted) - timeline.frames - early
        after = min(grid.whole_latents(max(timeline.context_after_frames - over, 0)), most)
        places = []
        for span in group:
            begin, end = (edge - origin for edge in (span.start_frame, span.end_frame))
            aligned = grid.whole_latents(begin) // grid.aligned_every * grid.aligned_every
            first, last = before + grid.whole_latents(begin), before + grid.covering_latents(end)
            places.append(
                CanvasRange(first, last, before + aligned, begin - grid.frames_of(aligned), end - begin)
            )
        return cls(tuple(places), before, before + wanted + after)


def _group_timeline(
    group: Sequence[FrameRange], request: TaskRequest[RepaintParams, AceStepOptions]
) -> Timeline:
    """That of a group; all of the timeline with the context that was sent, where there is only one."""
    whole, timeline = FrameRange(group[0].start_frame, group[-1].end_frame), request.timeline
    if (whole.start_frame, whole.end_frame) == (timeline.start_frame, timeline.end_frame):
        return timeline
    return range_timeline(whole, request)


def _render_group(
    studio: CheckpointRuntime,
    request: TaskRequest[RepaintParams, AceStepOptions],
    group: Sequence[FrameRange],
    source: AudioInput,
    context: TaskContext,
) -> Generator[Output, None, list[Floats]]:
    """Audio of each range, shape (frames, 2), from one rendering."""
    timeline = request.timeline
    grid = studio.grid_at(timeline.sample_rate)
    take = studio.find_take(source, grid)
    # The latents of a take serve again where they begin with the same frames.
    origin = timeline.start_frame if take is None else take.latent_boundary(timeline.start_frame)
    layout = CanvasLayout.from_ranges(group, timeline, grid, origin)
    stretch = SourceSpan(source, origin, -layout.before, layout.end - layout.before, grid)
    regions = tuple((place.first, place.last) for place in layout.places)
    encoded = yield from studio.source_latents(stretch, context, take, regions)
    canvas = max(layout.end, MIN_LATENTS)
    ask = spec_from_request(
        request,
        "repaint",
        canvas,
        source=studio.pad_latents(encoded, canvas),
        regions=regions,
        hold=request.options.hold,
    )
    latents = yield from studio.render_latents(ask, context)
    made = []
    for place in layout.places:
        giving = DecodeTarget(studio, grid, place.skip + place.frames)
        audio = yield from decode_audio(giving, latents, place.aligned, context)
        gain = _surrounding_gain(studio, encoded, stretch, (place.first, place.last))
        made.append(audio[place.skip :] * np.float32(gain))
    return made


def _surrounding_gain(
    studio: CheckpointRuntime, encoded: Floats, stretch: SourceSpan, region: tuple[int, int]
) -> float:
    """What brings the codec's own rendering of the surroundings to their level in the source."""
    spans = [
        (max(region[0] - _SEAM_LATENTS, 0), region[0]),
        (region[1], min(region[1] + _SEAM_LATENTS, len(encoded))),
    ]
    ours, theirs = [], []
    for start, stop in spans:
        if stop > start:
            ours += list(studio.decode_latents(encoded, start, stop))
            theirs.append(
                read_excerpt(replace(stretch, first=stretch.first + start, last=stretch.first + stop)).samples
            )
    return surrounding_gain(np.concatenate(ours), np.concatenate(theirs)) if ours else 1.0
