"""How a guide leads the model: for how many steps, in which form, and what is said of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bandmate_plugins._engines.acestep.ask import GuidePlan
from bandmate_plugins._engines.acestep.giving import stream_array
from bandmate_plugins._engines.acestep.grid import SourceSpan
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.guide.compose import GuideComposer, GuideMemory, GuideParams
from bandmate_plugins._engines.guide.guide import Guide
from bandmate_plugins._tasks.follow import FollowKind
from bandmate_plugins.outputs import RECIPE, Output, Remark, StemStart, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.texts import say

DEFAULT_SHARES: dict[FollowKind, float] = {"groove": 0.375, "chords": 0.5, "melody": 0.75}
"""Which share of the steps each kind of guide leads. What comes first while noise is strong, harmony and form, is
settled early; a melody takes longer. The values were chosen so, and not judged by ear."""


@dataclass(frozen=True)
class LeadingGuide:
    """A guide and how it leads."""

    guide: Guide
    strength: float
    """The share of the steps that was asked for."""
    steps: int
    """How many steps it leads."""
    all_steps: int
    options: AceStepOptions
    seed: int

    def plan(
        self,
        studio: CheckpointRuntime,
        request: TaskRequest[Any, AceStepOptions],
        latents: int,
        canvas: int,
        context: TaskContext,
    ) -> Generator[Output, None, GuidePlan]:
        """The guide as the model takes it: so many latents of its audio, on a canvas of `canvas` latents."""
        timeline = request.timeline
        audio = self.guide.audio(timeline.frames)
        grid = studio.grid_at(timeline.sample_rate)
        span = SourceSpan(audio, timeline.start_frame, 0, latents, grid)
        encoded = yield from studio.source_latents(span, context)
        # In the middle between two steps, so that rounding cannot change their number.
        share = 1.0 if self.steps == self.all_steps else (self.steps + 0.5) / self.all_steps
        return GuidePlan(
            studio.pad_latents(encoded, canvas), share, self.options.guide_form, self.options.noise_start
        )

    def request_in_key(self, request: TaskRequest[Any, AceStepOptions]) -> TaskRequest[Any, AceStepOptions]:
        """The request in the key of the guide, where the project names none."""
        timeline = request.timeline
        if timeline.key or not self.guide.key:
            return request
        return replace(request, timeline=msgspec.structs.replace(timeline, key=self.guide.key))

    def outputs(self, stem: int) -> Iterator[Output]:
        """What is said of it, what the recipe keeps, and its audio as the stem `stem` where that is wanted."""
        if self.options.guide_track:
            yield StemStart("Guide", "guide")
            yield from stream_array(stem, self.guide.samples)
        yield TaskReport(
            {
                "guide": {
                    **self.guide.report,
                    "strength": self.strength,
                    "steps": self.steps,
                    "form": self.options.guide_form,
                    "seed": self.seed,
                    "sha256": self.guide.sha256,
                },
                RECIPE: {**self.guide.recipe, "guide": self.guide.sha256},
            }
        )
        yield Remark(self._sentence())
        yield from map(Remark, self.guide.remarks)

    def _sentence(self) -> str:
        report, steps = self.guide.report, self.steps
        if self.guide.kind == "groove":
            return say("A rhythm by the embedded band leads the first {steps} steps.", steps=steps)
        if self.guide.kind == "melody":
            where = _MELODY_SOURCES[str(report.get("from", "notes"))]
            return say(
                "A guide by the embedded band leads the first {steps} steps; it plays the melody {where}.",
                steps=steps,
                where=where,
            )
        return say(
            "A guide by the embedded band leads the first {steps} steps; it plays the chords {where}.",
            steps=steps,
            where=_CHORD_SOURCES[str(report.get("from", "project"))],
        )


_CHORD_SOURCES = {
    "given": say("that you gave"),
    "prompt": say("of the prompt"),
    "project": say("of the project"),
    "notes": say("of your notes"),
    "heard": say("that were detected in the audio"),
    "source": say("that were detected in the recording"),
}
_MELODY_SOURCES = {"notes": say("of your notes"), "heard": say("that was heard in the recording")}


def compose_guide(
    composer: GuideComposer,
    request: TaskRequest[GuideParams, AceStepOptions],
    steps: int,
    context: TaskContext,
) -> Generator[Output, None, LeadingGuide | None]:
    """The guide for a request that is rendered in so many steps; None where there is nothing to follow."""
    options = request.options
    if options.guide_strength == 0:
        return None
    memory = GuideMemory(options.soundfont, options.band, options.listening, options.tracker)
    guide = yield from composer.compose(request, memory, context)
    if guide is None:
        return None
    wanted = DEFAULT_SHARES[guide.kind] if options.guide_strength is None else options.guide_strength
    led = max(int(wanted * steps), 1)
    return LeadingGuide(guide, wanted, led, steps, options, request.seed)
