"""The ability `inpaint`: one range rendered anew, with the music around it on the same canvas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bandmate_plugins.acestep.ask import LEAST_LATENTS, MOST_SECONDS, asked, check_length, source_of
from bandmate_plugins.acestep.giving import Giving, gathered, pieces
from bandmate_plugins.acestep.grid import Grid, excerpt
from bandmate_plugins.acestep.levels import surrounding_gain
from bandmate_plugins.acestep.studio import Studio
from bandmate_plugins.acestep.tracks import named, title
from bandmate_plugins.outputs import Output, StemStart
from bandmate_plugins.request import Context, TaskRequest

_CONTEXT_SECONDS = 30.0
"""How much of the music on either side is on the canvas; more takes longer and was not found to be needed."""
_SEAM_LATENTS = 25
"""How much of the context is decoded to see what level the codec gives it back at."""


def inpainted(studio: Studio, request: TaskRequest[Any], context: Context) -> Iterator[Output]:
    """One stem: the bare range. The task makes its seams."""
    check_length(request.timeline)
    source = source_of(request, "repaint")
    timeline = request.timeline
    found = named(f"{request.params.part} {request.params.prompt}")
    name, role = (title(found[0]), found[0]) if len(found) == 1 else ("Repaint", "mix")
    yield StemStart(name, role)
    grid = studio.grid(timeline.sample_rate)
    first, last, before, end = canvas_of(request, grid)
    heard = excerpt(source, timeline.start_frame, -before, end - before, grid)
    encoded = yield from studio.encoded(heard, context)
    canvas = max(end, LEAST_LATENTS)
    ask = asked(
        request,
        "repaint",
        canvas,
        source=studio.padded(encoded, canvas),
        region=(first, last),
        hold=request.params.hold,
    )
    latents = yield from studio.rendered(ask, context)
    giving = Giving(studio, grid, timeline.frames)
    audio = yield from gathered(giving, latents, first, context)
    gain = _gain(studio, encoded, heard.samples, (first, last))
    yield from pieces(0, audio * np.float32(gain))


def canvas_of(request: TaskRequest[Any], grid: Grid) -> tuple[int, int, int, int]:
    """The range's first and last latent on the canvas, the latents before it, and the canvas's length.

    The range begins on a latent; the canvas has as much on either side as was sent, within reason.
    """
    timeline = request.timeline
    wanted = grid.latents(timeline.frames)
    room = int((MOST_SECONDS - timeline.seconds) / 2 * grid.model_rate / grid.hop)
    most = min(int(_CONTEXT_SECONDS * grid.model_rate / grid.hop), room)
    before = min(grid.whole_latents(timeline.context_before_frames), most)
    over = grid.frames(wanted) - timeline.frames
    after = min(grid.whole_latents(max(timeline.context_after_frames - over, 0)), most)
    return before, before + wanted, before, before + wanted + after


def _gain(studio: Studio, encoded: Any, samples: Any, region: tuple[int, int]) -> float:
    """What brings the codec's own rendering of the surroundings to their level in the source."""
    hop = studio.hop
    spans = [
        (max(region[0] - _SEAM_LATENTS, 0), region[0]),
        (region[1], min(region[1] + _SEAM_LATENTS, len(encoded))),
    ]
    ours, theirs = [], []
    for start, stop in spans:
        if stop > start:
            ours += list(studio.decoded(encoded, start, stop))
            theirs.append(samples[start * hop : stop * hop])
    return surrounding_gain(np.concatenate(ours), np.concatenate(theirs)) if ours else 1.0
