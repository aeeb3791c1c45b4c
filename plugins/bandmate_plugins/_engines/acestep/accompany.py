"""The ability `accompany`: a backing for the source (`complete`), or one track more for it (`lego`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from bandmate_plugins._engines.acestep.ask import Mode, asked, canvas_latents, check_length, source_of
from bandmate_plugins._engines.acestep.giving import DecodeTarget, give, matched, pieces
from bandmate_plugins._engines.acestep.grid import Stretch
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.acestep.tracks import named, title
from bandmate_plugins._tasks.model_params import Track
from bandmate_plugins.outputs import Output, Remark, StemStart
from bandmate_plugins.request import Context, TaskRequest

_BACKING_DB, _LAYER_DB = -2.0, -6.0
"""How loud a whole backing and a single track are, next to the source: as the embedded band has it."""


def accompanied(studio: CheckpointRuntime, request: TaskRequest[Any], context: Context) -> Iterator[Output]:
    """One stem over the range, as loud as goes with the source unless that was not wanted."""
    check_length(request.timeline)
    source = source_of(request, "accompany")
    mode, tracks = choose_mode(request.params)
    name, role = (title(tracks[0]), tracks[0]) if mode == "lego" else ("Backing", "mix")
    yield StemStart(name, role)
    timeline = request.timeline
    grid = studio.grid(timeline.sample_rate)
    wanted = grid.latents(timeline.frames)
    heard = yield from studio.heard(Stretch(source, timeline.start_frame, 0, wanted, grid), context)
    canvas = canvas_latents(wanted)
    ask = asked(request, mode, canvas, source=studio.padded(heard, canvas), tracks=tracks)
    latents = yield from studio.rendered(ask, context)
    giving = DecodeTarget(studio, grid, timeline.frames)
    if request.params.match_loudness:
        offset = _LAYER_DB if mode == "lego" else _BACKING_DB
        audio = yield from matched(giving, latents, 0, source, context, offset)
        yield from pieces(0, audio)
    else:
        yield from give(giving, latents, context)
    if mode == "complete":
        yield Remark(
            "If the backing has the recording in it too, mute the recording: the model may play it again."
        )


def choose_mode(params: Any) -> tuple[Mode, tuple[Track, ...]]:
    """What the model is asked for: one track by its name, or a backing of the tracks that are named."""
    if params.layer in get_args(Track):
        return "lego", (params.layer,)
    found = tuple(named(params.prompt))
    if params.layer == "auto" and len(found) == 1:
        return "lego", found
    return "complete", found
