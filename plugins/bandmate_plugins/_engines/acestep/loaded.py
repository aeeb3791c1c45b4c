"""ACE-Step in memory: opens the checkpoint that a request needs, and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import torch

from bandmate_plugins._engines.acestep.accompany import render_accompaniment
from bandmate_plugins._engines.acestep.ask import check_length
from bandmate_plugins._engines.acestep.cover import render_cover
from bandmate_plugins._engines.acestep.guided import compose_guide
from bandmate_plugins._engines.acestep.inpaint import render_ranges
from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.musical import music_metadata
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.place import DeviceMemory
from bandmate_plugins._engines.acestep.planner.variants import InstalledPlanner, choose_planner
from bandmate_plugins._engines.acestep.room import planner_fit
from bandmate_plugins._engines.acestep.sampling.checkpoint import open_checkpoint
from bandmate_plugins._engines.acestep.separate import extract_tracks
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.acestep.text import render_text
from bandmate_plugins._engines.acestep.understanding import understand_source
from bandmate_plugins._engines.acestep.variants import InstalledCheckpoint, choose_checkpoint
from bandmate_plugins._engines.acestep.writing import write_song
from bandmate_plugins._engines.guide.compose import GuideComposer
from bandmate_plugins._engines.sketch.words.suggestion import suggest_for_prompt
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._timing.fitted_run import FitPlace, run_fitted
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Remark, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.messages import Ability

AbilityFunction = Callable[
    [CheckpointRuntime, TaskRequest[Any, AceStepOptions], TaskContext], Iterator[Output]
]
_LED: dict[Ability, Callable[..., Iterator[Output]]] = {
    "text": render_text,
    "accompany": render_accompaniment,
}
"""Abilities that a guide may lead."""
_WHOLE = ("text", "accompany", "variation")
"""Abilities that render all of the range at once; the others go by pieces, whose length they check."""
_FITTED: dict[Ability, FitPlace] = {
    "text": "open",
    "variation": "source",
    "accompany": "source",
    "inpaint": "ranges",
}
"""Abilities whose music is fitted to the grid, for tempo is a hint to the model."""


class LoadedAceStep(LoadedEngine):
    """Keeps the checkpoint that it used last."""

    Options = AceStepOptions
    takes_ranges: ClassVar[bool] = True

    def __init__(
        self, device: str, tier: str, store: LatentStore | None = None, place: DeviceMemory | None = None
    ) -> None:
        self._device, self._tier, self._place = device, tier, place
        self._store = store or LatentStore()
        self._studio: CheckpointRuntime | None = None
        self._wanted_planner: str | None = None
        """What the open checkpoint's planner was asked for as."""
        self._composer = GuideComposer()

    def text(self, request: TaskRequest[Any, AceStepOptions], context: TaskContext) -> Iterator[Output]:
        """Makes music from a prompt and lyrics (`GenerateParams`), like the input `reference` if any."""
        yield from self._run_ability("text", render_text, request, context)

    def suggest(self, request: TaskRequest[Any, AceStepOptions], context: TaskContext) -> Iterator[Output]:
        """Reports what the prompt's words ask for, as the embedded engine reads them; needs no checkpoint."""
        context.check()
        yield TaskReport(suggest_for_prompt(request.params.prompt, request.seed))

    def write(self, request: TaskRequest[Any, AceStepOptions], context: TaskContext) -> Iterator[Output]:
        """Writes a song from an idea, or tidies one (`WriteParams`), with the planner."""
        context.check()
        studio = self._open_runtime("text", request.options.model, request.options.planner)
        assert studio.planner is not None, "it was opened with one"
        yield from write_song(studio.planner, request, context)

    def inpaint(self, request: TaskRequest[Any, AceStepOptions], context: TaskContext) -> Iterator[Output]:
        """Renders ranges anew, with what is around them on the canvas (`RepaintParams`)."""
        yield from self._run_ability("inpaint", render_ranges, request, context)

    def variation(self, request: TaskRequest[Any, AceStepOptions], context: TaskContext) -> Iterator[Output]:
        """Renders the source again in another style (`CoverParams`)."""
        yield from self._run_ability("variation", render_cover, request, context)

    def accompany(self, request: TaskRequest[Any, AceStepOptions], context: TaskContext) -> Iterator[Output]:
        """Adds a backing or one track to the source (`AccompanyParams`); base checkpoints only."""
        yield from self._run_ability("accompany", render_accompaniment, request, context)

    def separate(self, request: TaskRequest[Any, AceStepOptions], context: TaskContext) -> Iterator[Output]:
        """Takes tracks out of the source by name (`SeparateParams`); base checkpoints only."""
        yield from self._run_ability("separate", extract_tracks, request, context)

    def analyse(self, request: TaskRequest[Any, AceStepOptions], context: TaskContext) -> Iterator[Output]:
        """Describes the source (`AnalyseParams`) with the planner, beside what the embedded engine detects."""
        context.check()
        studio = self._open_runtime("text", request.options.model, request.options.planner)
        yield from understand_source(studio, request, context)

    def _run_ability(
        self,
        ability: Ability,
        way: AbilityFunction,
        request: TaskRequest[Any, AceStepOptions],
        context: TaskContext,
    ) -> Iterator[Output]:
        context.check()
        if ability in _WHOLE:
            check_length(request.timeline)
        options = request.options
        thinks = ability == "text" and options.think
        studio = self._open_runtime(ability, options.model, options.planner if thinks else None)
        session = studio.begin_job(ability, request.options)
        guide = None
        if ability in _LED:
            guide = yield from compose_guide(self._composer, request, session.preset.steps, context)
            way = partial(_LED[ability], guide=guide)
            request = guide.request_in_key(request) if guide else request
        if ability in _FITTED:
            yield from run_fitted(
                lambda asked: way(studio, asked, context),
                request,
                request.options.fit,
                context,
                _FITTED[ability],
            )
        else:
            yield from way(studio, request, context)
        yield TaskReport({"model": studio.name, **session.preset_report})
        if guide is not None:
            yield from guide.outputs(stem=1)
        music = music_metadata(MusicalRange(request.timeline, request.tempo))
        for sentence in dict.fromkeys((*studio.remarks, *session.preset.remarks, *music.remarks)):
            yield Remark(sentence)

    def _open_runtime(self, ability: Ability, wanted: str, planner: str | None = None) -> CheckpointRuntime:
        """The studio of the checkpoint for an ability; another one makes room first.

        `planner` names the planner that comes along, if one is needed; empty for the best one that fits.
        """
        chosen, held = choose_checkpoint(ability, wanted), self._studio
        if held is not None and held.here == chosen and (planner is None or self._has_planner(held, planner)):
            return held
        held = self._studio = None
        place = self._place or DeviceMemory(self._device)
        beside = None if planner is None else planner_beside(chosen, place, planner)
        self._studio = CheckpointRuntime(chosen, self._device, self._tier, self._store, place, beside)
        self._wanted_planner = planner
        return self._studio

    def _has_planner(self, held: CheckpointRuntime, wanted: str) -> bool:
        """Whether a planner is there: the wanted one, or the best one, for which no other that is there stands in."""
        return held.has_planner(wanted) if wanted else self._wanted_planner == ""


def planner_beside(here: InstalledCheckpoint, place: DeviceMemory, wanted: str) -> InstalledPlanner:
    """The wanted planner, else the best one for what is free on the device besides a renderer.

    Raises RequestError (`bad_params`, `engine_unavailable`).
    """
    free_bytes = place.free_bytes()
    renderer = open_checkpoint(here.folder, here.shared)
    renderer_bytes = sum(renderer.module_bytes(name, torch.bfloat16) for name in renderer.names)
    return choose_planner(wanted, lambda size: planner_fit(free_bytes, renderer_bytes, size))
