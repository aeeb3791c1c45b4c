"""The ability `inpaint`: ranges rendered anew, with the music around them on the same canvas."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.acestep.ask import MAX_SECONDS, MIN_LATENTS, asked, check_length, source_of
from bandmate_plugins._engines.acestep.giving import DecodeTarget, gathered, pieces
from bandmate_plugins._engines.acestep.grid import Grid, Stretch, excerpt
from bandmate_plugins._engines.acestep.levels import surrounding_gain
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.acestep.tracks import named, title
from bandmate_plugins._tasks.repaint import Span
from bandmate_plugins._tasks.repaint.work import timeline_of
from bandmate_plugins.outputs import Output, StemStart
from bandmate_plugins.request import AudioInput, Context, TaskRequest
from bandmate_protocol.messages import Timeline

Floats = NDArray[np.float32]

_CONTEXT_SECONDS = 30.0
"""How much of the music on either side is on the canvas; more takes longer and was not found to be needed."""
_SEAM_LATENTS = 25
"""How much of the context is decoded to see what level the codec gives it back at."""


def inpainted(studio: CheckpointRuntime, request: TaskRequest[Any], context: Context) -> Iterator[Output]:
    """One stem for each range: the bare range. The task makes its seams.

    Ranges that share context are made in one pass and know of each other.
    """
    source = source_of(request, "repaint")
    timeline = request.timeline
    spans: Sequence[Span] = request.params.ranges or [Span(timeline.start_frame, timeline.end_frame)]
    groups = list(grouped(spans, timeline.sample_rate))
    for group in groups:
        check_length(_group_timeline(group, timeline, source))
    found = named(f"{request.params.part} {request.params.prompt}")
    name, role = (title(found[0]), found[0]) if len(found) == 1 else ("Repaint", "mix")
    for span in spans:
        frames = span.end_frame - span.start_frame
        yield StemStart(name, role, frames=frames, start_frame=span.start_frame)
    stem = 0
    for group in groups:
        whole = _group_timeline(group, timeline, source)
        own = TaskRequest(request.params, whole, (request.seed + stem) % 2**32, request.inputs)
        for audio in (yield from _render_group(studio, own, group, source, context)):
            yield from pieces(stem, audio)
            stem += 1


def grouped(spans: Sequence[Span], rate: int) -> Iterator[list[Span]]:
    """Ranges that share context, as far as they go onto one canvas."""
    group: list[Span] = []
    for span in spans:
        if group:
            apart = span.start_frame - group[-1].end_frame > 2 * _CONTEXT_SECONDS * rate
            if apart or span.end_frame - group[0].start_frame > MAX_SECONDS * rate:
                yield group
                group = []
        group.append(span)
    yield group


@dataclass(frozen=True)
class Place:
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
class Layout:
    """Ranges on one canvas, whose grid begins with the first of them."""

    places: tuple[Place, ...]
    before: int
    """Latents before the first range."""
    end: int
    """All latents that have audio of the source."""

    @classmethod
    def of(cls, group: Sequence[Span], timeline: Timeline, grid: Grid, origin: int) -> Layout:
        """The canvas has as much on either side as was sent, within reason.

        The grid begins at the frame `origin`, less than a latent before the first range.
        """
        early = timeline.start_frame - origin
        wanted = grid.latents(early + timeline.frames)
        room = int((MAX_SECONDS - timeline.seconds) / 2 * grid.model_rate / grid.hop)
        most = min(int(_CONTEXT_SECONDS * grid.model_rate / grid.hop), room)
        before = min(grid.whole_latents(max(timeline.context_before_frames - early, 0)), most)
        over = grid.frames(wanted) - timeline.frames - early
        after = min(grid.whole_latents(max(timeline.context_after_frames - over, 0)), most)
        places = []
        for span in group:
            begin, end = (edge - origin for edge in (span.start_frame, span.end_frame))
            aligned = grid.whole_latents(begin) // grid.whole_every * grid.whole_every
            first, last = before + grid.whole_latents(begin), before + grid.latents(end)
            places.append(Place(first, last, before + aligned, begin - grid.frames(aligned), end - begin))
        return cls(tuple(places), before, before + wanted + after)


def _group_timeline(group: Sequence[Span], timeline: Timeline, source: AudioInput) -> Timeline:
    """That of a group; all of the timeline with the context that was sent, where there is only one."""
    whole = Span(group[0].start_frame, group[-1].end_frame)
    if (whole.start_frame, whole.end_frame) == (timeline.start_frame, timeline.end_frame):
        return timeline
    return timeline_of(whole, timeline, source)


def _render_group(
    studio: CheckpointRuntime,
    request: TaskRequest[Any],
    group: Sequence[Span],
    source: AudioInput,
    context: Context,
) -> Generator[Output, None, list[Floats]]:
    """Audio of each range, shape (frames, 2), from one rendering."""
    timeline = request.timeline
    grid = studio.grid(timeline.sample_rate)
    take = studio.take_of(source, grid)
    # The latents of a take serve again where they begin with the same frames.
    origin = timeline.start_frame if take is None else take.begin(timeline.start_frame)
    layout = Layout.of(group, timeline, grid, origin)
    stretch = Stretch(source, origin, -layout.before, layout.end - layout.before, grid)
    regions = tuple((place.first, place.last) for place in layout.places)
    encoded = yield from studio.heard(stretch, context, take, regions)
    canvas = max(layout.end, MIN_LATENTS)
    ask = asked(
        request,
        "repaint",
        canvas,
        source=studio.padded(encoded, canvas),
        regions=regions,
        hold=request.params.hold,
    )
    latents = yield from studio.rendered(ask, context)
    made = []
    for place in layout.places:
        giving = DecodeTarget(studio, grid, place.skip + place.frames)
        audio = yield from gathered(giving, latents, place.aligned, context)
        gain = _surrounding_gain(studio, encoded, stretch, (place.first, place.last))
        made.append(audio[place.skip :] * np.float32(gain))
    return made


def _surrounding_gain(
    studio: CheckpointRuntime, encoded: Floats, stretch: Stretch, region: tuple[int, int]
) -> float:
    """What brings the codec's own rendering of the surroundings to their level in the source."""
    spans = [
        (max(region[0] - _SEAM_LATENTS, 0), region[0]),
        (region[1], min(region[1] + _SEAM_LATENTS, len(encoded))),
    ]
    ours, theirs = [], []
    for start, stop in spans:
        if stop > start:
            ours += list(studio.decoded(encoded, start, stop))
            theirs.append(
                excerpt(replace(stretch, first=stretch.first + start, last=stretch.first + stop)).samples
            )
    return surrounding_gain(np.concatenate(ours), np.concatenate(theirs)) if ours else 1.0
