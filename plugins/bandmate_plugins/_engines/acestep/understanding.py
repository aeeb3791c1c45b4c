"""The ability `analyse`: what the planner makes of a recording, beside what the embedded engine detects in it."""

from __future__ import annotations

from collections.abc import Iterator

from bandmate_plugins._engines.acestep.ask import MAX_SECONDS
from bandmate_plugins._engines.acestep.grid import SourceSpan
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.planner.fields import PlanFields
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.acestep.writing import song_report
from bandmate_plugins._engines.dsp.analysis import analyse_source
from bandmate_plugins._tasks.analyse import AnalyseParams
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins.outputs import Output, Remark, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.texts import say


def understand_source(
    studio: CheckpointRuntime, request: TaskRequest[AnalyseParams, AceStepOptions], context: TaskContext
) -> Iterator[Output]:
    """Reports as the embedded engine, and adds `song`: the planner's description, lyrics, tempo, metre and key.

    The two may disagree, since the planner guesses. Raises RequestError (`input_missing`, `input_unusable`).
    """
    planner = studio.planner
    assert planner is not None, "a request to analyse opens the checkpoint with a planner"
    source = nonempty_source(request)
    yield from analyse_source(request, source, context)
    rate = request.timeline.sample_rate
    grid = studio.grid_at(rate)
    frames = min(source.frames, round(MAX_SECONDS * rate))
    span = SourceSpan(source, source.start_frame, 0, grid.covering_latents(frames), grid)
    latents = yield from studio.source_latents(span, context)
    context.check()
    codes = studio.read_codes(latents)
    text = planner.desk.understand_text(codes, PlanFields(), request.seed)
    yield from planner.write(text, "Describing", context)
    song = song_report(planner.desk.read_song(text, PlanFields()), PlanFields())
    yield TaskReport({"song": song | {"planner": planner.name, "codes": len(codes)}})
    yield Remark("The description, lyrics and language are guesses of a model.")
    if frames < source.frames:
        yield Remark(say("The planner read only the first {minutes:g} minutes.", minutes=MAX_SECONDS / 60))
