"""The ability `variation`: the source again in another style, over as much of its music as was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bandmate_plugins._engines.acestep.ask import asked, canvas_latents, check_length, source_of
from bandmate_plugins._engines.acestep.giving import DecodeTarget, give, matched, pieces
from bandmate_plugins._engines.acestep.grid import Stretch
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins.outputs import Output, StemStart
from bandmate_plugins.request import Context, TaskRequest


def covered(studio: CheckpointRuntime, request: TaskRequest[Any], context: Context) -> Iterator[Output]:
    """One stem over the range. `strength` 0 holds all steps to the source's music, 1 none of them."""
    check_length(request.timeline)
    source = source_of(request, "cover")
    yield StemStart("Mix", "mix")
    timeline = request.timeline
    grid = studio.grid(timeline.sample_rate)
    wanted = grid.latents(timeline.frames)
    heard = yield from studio.heard(Stretch(source, timeline.start_frame, 0, wanted, grid), context)
    canvas = canvas_latents(wanted)
    ask = asked(
        request,
        "cover",
        canvas,
        source=studio.padded(heard, canvas),
        cover=1.0 - request.params.strength,
        noise_start=request.params.noise_start,
    )
    latents = yield from studio.rendered(ask, context)
    giving = DecodeTarget(studio, grid, timeline.frames)
    if request.params.match_loudness:
        audio = yield from matched(giving, latents, 0, source, context)
        yield from pieces(0, audio)
    else:
        yield from give(giving, latents, context)
