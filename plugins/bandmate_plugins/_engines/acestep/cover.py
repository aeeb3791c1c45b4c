"""The ability `variation`: the source again in another style, over as much of its music as was asked for."""

from __future__ import annotations

from collections.abc import Iterator

from bandmate_plugins._engines.acestep.ask import canvas_latents, spec_from_request
from bandmate_plugins._engines.acestep.giving import (
    DecodeTarget,
    decode_at_loudness,
    stream_array,
    stream_latents,
)
from bandmate_plugins._engines.acestep.grid import SourceSpan
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._tasks.cover import CoverParams
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins.outputs import Output, StemStart
from bandmate_plugins.request import TaskContext, TaskRequest


def render_cover(
    studio: CheckpointRuntime, request: TaskRequest[CoverParams, AceStepOptions], context: TaskContext
) -> Iterator[Output]:
    """One stem over the range. `strength` 0 holds all steps to the source's music, 1 none of them."""
    source = nonempty_source(request)
    yield StemStart("Mix", "mix")
    timeline = request.timeline
    grid = studio.grid_at(timeline.sample_rate)
    wanted = grid.covering_latents(timeline.frames)
    heard = yield from studio.source_latents(
        SourceSpan(source, timeline.start_frame, 0, wanted, grid), context
    )
    canvas = canvas_latents(wanted)
    ask = spec_from_request(
        request,
        "cover",
        canvas,
        source=studio.pad_latents(heard, canvas),
        cover=1.0 - request.params.strength,
        noise_start=request.options.noise_start,
    )
    latents = yield from studio.render_latents(ask, context)
    giving = DecodeTarget(studio, grid, timeline.frames)
    if request.params.match_loudness:
        audio = yield from decode_at_loudness(giving, latents, 0, source, context, request.params.level)
        yield from stream_array(0, audio)
    else:
        yield from stream_latents(giving, latents, context, request.params.level)
