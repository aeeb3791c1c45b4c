"""The ability `text`: music from a prompt, in the timeline's tempo, metre, key and length."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from bandmate_plugins._engines.acestep.ask import canvas_latents, spec_from_request
from bandmate_plugins._engines.acestep.giving import (
    DecodeTarget,
    decode_at_loudness,
    stream_array,
    stream_latents,
)
from bandmate_plugins._engines.acestep.guided import LeadingGuide
from bandmate_plugins._engines.acestep.levels import BACKING_DB, PART_DB
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.acestep.thinking import plan_rendering
from bandmate_plugins._engines.acestep.tracks import stem_for_prompt
from bandmate_plugins._listening.mixed_input import mix_inputs
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins.outputs import Output, StemStart
from bandmate_plugins.request import TaskContext, TaskRequest


def render_text(
    studio: CheckpointRuntime,
    request: TaskRequest[GenerateParams, AceStepOptions],
    context: TaskContext,
    guide: LeadingGuide | None = None,
) -> Iterator[Output]:
    """One stem, streamed as it is decoded; with a loudness to match, it comes when all of it is decoded.

    A guide leads its first steps.
    """
    name, role = stem_for_prompt(request.params.prompt)
    yield StemStart(name, role)
    grid = studio.grid_at(request.timeline.sample_rate)
    frames = request.timeline.frames
    wanted = grid.covering_latents(frames)
    reference = yield from _reference_latents(studio, request, context)
    canvas = canvas_latents(wanted)
    led = (yield from guide.plan(studio, request, wanted, canvas, context)) if guide else None
    ask = spec_from_request(
        request,
        "text2music",
        canvas,
        reference=reference,
        guide=led,
    )
    if request.options.think:
        ask = yield from plan_rendering(studio, request, ask, wanted, context)
    latents = yield from studio.render_latents(ask, context)
    giving = DecodeTarget(studio, grid, frames)
    playing = [audio for audio in request.inputs if audio.role == "context"]
    context_audio = mix_inputs(playing, request.timeline.sample_rate)
    if context_audio is not None and request.params.match_loudness:
        place_db = BACKING_DB if role == "mix" else PART_DB
        audio = yield from decode_at_loudness(
            giving, latents, 0, context_audio, context, place_db + request.params.level
        )
        yield from stream_array(0, audio)
        return
    yield from stream_latents(giving, latents, context, request.params.level)


def _reference_latents(
    studio: CheckpointRuntime, request: TaskRequest[GenerateParams, AceStepOptions], context: TaskContext
) -> Generator[Output, None, Any]:
    """Latents of the audio to sound like, if any came along."""
    audio = request.input("reference")
    if audio is None or not audio.frames:
        return None
    return (yield from studio.reference_latents(audio, request.timeline.sample_rate, context))
