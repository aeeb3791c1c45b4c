"""Planning ahead of a rendering: from a request to a planner's order, and from its plan to a rendering."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from bandmate_plugins._engines.acestep.ask import RenderSpec
from bandmate_plugins._engines.acestep.musical import MusicMetadata
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.planner.draws import DrawRules
from bandmate_plugins._engines.acestep.planner.fields import DURATION_VALUES, FieldName, PlanFields
from bandmate_plugins._engines.acestep.planner.limits import code_count
from bandmate_plugins._engines.acestep.planner.planning import PieceOrder
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins._theory.pitch_names import PITCH_NAMES
from bandmate_plugins.outputs import RECIPE, Output, Remark, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.keys import read_key
from bandmate_protocol.texts import say

GenerateRequest = TaskRequest[GenerateParams, AceStepOptions]


def plan_rendering(
    studio: CheckpointRuntime, request: GenerateRequest, plain: RenderSpec, latents: int, context: TaskContext
) -> Generator[Output, None, RenderSpec]:
    """The rendering `plain`, led by a plan of as many latents. Reports the plan and remarks on what was changed.

    Raises RequestError (`bad_params`) for what the planner cannot take.
    """
    planner = studio.planner
    assert planner is not None, "a request to think opens the checkpoint with a planner"
    order = order_from_request(request, plain.music, latents)
    fields, codes = yield from planner.plan_piece(order, context)
    planned = PlannedRendering(order, fields, codes)
    spec, fits = planned.spec(plain, request.options, studio)
    yield TaskReport({"plan": planned.report(planner.name), RECIPE: {"planner": planner.name}})
    for sentence in planned.remarks(request, caption_fits=fits):
        yield Remark(sentence)
    return spec


def order_from_request(request: GenerateRequest, music: MusicMetadata, latents: int) -> PieceOrder:
    """What the planner is asked for. Tempo, metre, key, length and language are the project's, if it knows them."""
    params, options = request.params, request.options
    sung = bool(params.lyrics.strip())
    language = None if sung and params.language == "unknown" else params.language
    given = PlanFields(
        bpm=music.bpm,
        caption=None if options.rewrite else " ".join(params.prompt.split()) or None,
        duration=plan_seconds(music.seconds),
        keyscale=music.key,
        language=language,
        timesignature=music.metre,
    )
    return PieceOrder(
        params.prompt,
        params.lyrics,
        given,
        _open_fields(request, music),
        code_count(latents),
        request.seed,
        DrawRules(temperature=options.plan_temperature),
        options.plan_guidance,
    )


def plan_seconds(seconds: float) -> int:
    """The length that the planner is told: whole seconds, 10 to 600. The number of codes is exact in any case."""
    return min(max(round(seconds), DURATION_VALUES[0]), DURATION_VALUES[-1])


def _open_fields(request: GenerateRequest, music: MusicMetadata) -> tuple[FieldName, ...]:
    """The fields that the planner may choose: not a tempo or metre that the project has and the model does not know."""
    names: list[FieldName] = ["caption", "language"]
    if music.key is None and not request.timeline.key:
        names.append("keyscale")
    return tuple(names)


@dataclass(frozen=True)
class PlannedRendering:
    """A plan, and what becomes of it."""

    order: PieceOrder
    fields: PlanFields
    codes: tuple[int, ...]

    def spec(
        self, plain: RenderSpec, options: AceStepOptions, studio: CheckpointRuntime
    ) -> tuple[RenderSpec, bool]:
        """The rendering with the plan's codes, description and key; False where the description is too long for it."""
        key = plain.music.key or spelled_key(self.fields.keyscale)
        led = replace(
            plain,
            mode="cover",
            codes=self.codes,
            music=replace(plain.music, key=key),
            language=self.fields.language or plain.language,
        )
        if not options.rewrite or not self.fields.caption:
            return led, True
        rewritten = replace(led, caption=self.fields.caption)
        return (rewritten, True) if studio.reads_caption(rewritten) else (led, False)

    def report(self, planner: str) -> dict[str, Any]:
        """For programs: the plan's fields, which of them were given, and how many codes there are."""
        return {
            "planner": planner,
            **{str(name): value for name, value in self.fields.given_values().items()},
            "given": list(self.order.given.given_values()),
            "codes": len(self.codes),
            "seed": self.order.seed,
        }

    def remarks(self, request: GenerateRequest, *, caption_fits: bool) -> list[str]:
        """What the musician should know."""
        said: list[str] = []
        if self.order.given.caption is None and self.fields.caption:
            said.append(say("Planned: {caption}", caption=self.fields.caption))
        if request.timeline.key is None and self.fields.keyscale:
            said.append(say("The planner chose the key {key}.", key=spelled_key(self.fields.keyscale)))
        numerator, denominator = request.tempo.metre_at(request.timeline.start_frame)
        if self.fields.timesignature is not None and denominator != 4:
            said.append(
                say(
                    "The planner was given {metre} as {beats}, the form that it was trained on.",
                    metre=f"{numerator}/{denominator}",
                    beats=self.fields.timesignature,
                )
            )
        if not caption_fits:
            said.append("The planner's description was too long to render, so your prompt was used.")
        return said


def spelled_key(keyscale: str | None) -> str | None:
    """A planned key in the usual spelling of its tonic, as the renderer is told keys."""
    key = read_key(keyscale) if keyscale else None
    return None if key is None else f"{PITCH_NAMES[key.tonic]} {key.mode}"
