"""The ability `accompany`: a backing for the source (`complete`), or one track more for it (`lego`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast, get_args

from bandmate_plugins._engines.acestep.ask import RenderMode, canvas_latents, spec_from_request
from bandmate_plugins._engines.acestep.giving import (
    DecodeTarget,
    decode_at_loudness,
    stream_array,
    stream_latents,
)
from bandmate_plugins._engines.acestep.grid import SourceSpan
from bandmate_plugins._engines.acestep.guided import LeadingGuide
from bandmate_plugins._engines.acestep.levels import BACKING_DB, PART_DB
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.acestep.tracks import track_title, tracks_in_prompt
from bandmate_plugins._tasks.accompany import AccompanyParams
from bandmate_plugins._tasks.separate import Track
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins.outputs import Output, Remark, StemStart
from bandmate_plugins.request import TaskContext, TaskRequest


def render_accompaniment(
    studio: CheckpointRuntime,
    request: TaskRequest[AccompanyParams, AceStepOptions],
    context: TaskContext,
    guide: LeadingGuide | None = None,
) -> Iterator[Output]:
    """One stem over the range, as loud as goes with the source unless that was not wanted.

    A guide leads its first steps; after these the model goes by the source.
    """
    source = nonempty_source(request)
    mode, tracks = choose_mode(request.params.prompt, request.options.layer)
    name, role = (track_title(tracks[0]), tracks[0]) if mode == "lego" else ("Backing", "mix")
    yield StemStart(name, role)
    timeline = request.timeline
    grid = studio.grid_at(timeline.sample_rate)
    wanted = grid.covering_latents(timeline.frames)
    heard = yield from studio.source_latents(
        SourceSpan(source, timeline.start_frame, 0, wanted, grid), context
    )
    canvas = canvas_latents(wanted)
    led = (yield from guide.plan(studio, request, wanted, canvas, context)) if guide else None
    ask = spec_from_request(
        request,
        mode,
        canvas,
        source=studio.pad_latents(heard, canvas),
        tracks=tracks,
        guide=led,
    )
    latents = yield from studio.render_latents(ask, context)
    giving = DecodeTarget(studio, grid, timeline.frames)
    if request.params.match_loudness:
        place_db = PART_DB if mode == "lego" else BACKING_DB
        audio = yield from decode_at_loudness(
            giving, latents, 0, source, context, place_db + request.params.level
        )
        yield from stream_array(0, audio)
    else:
        yield from stream_latents(giving, latents, context, request.params.level)
    if mode == "complete":
        yield Remark(
            "If the backing also contains the recording, mute the recording: the model may play it again."
        )


def choose_mode(prompt: str, layer: str) -> tuple[RenderMode, tuple[Track, ...]]:
    """What the model is asked for: one track by its name, or a backing of the tracks that are named."""
    if layer in get_args(Track):
        return "lego", (cast("Track", layer),)
    found = tuple(tracks_in_prompt(prompt))
    if layer == "auto" and len(found) == 1:
        return "lego", found
    return "complete", found
