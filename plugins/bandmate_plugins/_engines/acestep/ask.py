"""One rendering that a checkpoint is asked for, in terms of latents; what the abilities have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bandmate_plugins._engines.acestep.musical import MusicMetadata, music_metadata
from bandmate_plugins._engines.acestep.options import AceStepOptions, GuideForm
from bandmate_plugins._tasks.accompany import AccompanyParams
from bandmate_plugins._tasks.cover import CoverParams
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins._tasks.repaint import InpaintParams
from bandmate_plugins._tasks.separate import Track
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.request import TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Timeline
from bandmate_protocol.texts import say

RenderMode = Literal["text2music", "cover", "repaint", "lego", "extract", "complete"]
"""Upstream's names of what the model was trained to do."""

MusicParams = GenerateParams | CoverParams | AccompanyParams | InpaintParams
"""Of the tasks that have a prompt and lyrics."""

MAX_SECONDS = 600.0
"""Of one rendering: longer ones the model has never seen."""
MIN_LATENTS = 128
"""Of one rendering, 5.12 s: upstream fills up what is shorter. What is beyond the range is never decoded."""


@dataclass(frozen=True)
class GuidePlan:
    """A guide that leads the first steps of a rendering, as the source of a cover would."""

    latents: Any
    """Of its audio, shape (latents, channels), as long as the canvas."""
    share: float
    """Which share of the steps it leads, from the first on."""
    form: GuideForm = "codes"
    """Whether the model is given its audio as tokens, as in a cover, or the latents themselves, which say more."""
    noise_start: float = 0.0
    """How near to it the first step begins: 0 is pure noise."""


@dataclass(frozen=True)
class RenderSpec:
    """What to render."""

    mode: RenderMode
    caption: str
    music: MusicMetadata
    seed: int
    latents: int
    """How many the canvas has."""
    lyrics: str = ""
    language: str = "unknown"
    tracks: tuple[Track, ...] = ()
    source: Any = None
    """Latents of the source, shape (latents, channels), as long as the canvas; None for text alone."""
    codes: tuple[int, ...] = ()
    """Audio codes of a planner that lead a `cover` in place of a source; silence follows them."""
    regions: tuple[tuple[int, int], ...] = ()
    """The latents to render anew, for `repaint`: the first of each, and the one after its last."""
    reference: Any = None
    """Latents of audio to sound like."""
    cover: float = 1.0
    """Which share of the steps, from the first on, is held to the source of a `cover`."""
    noise_start: float = 0.0
    """How near to the source of a `cover` the first step begins: 0 is pure noise. A guide says it for itself."""
    guide: GuidePlan | None = None
    """What leads the first steps; the others are those of the mode."""
    hold: float = 0.5
    """The share of a repaint's steps that is held to what is around its region."""
    sampler: Literal["ode", "sde"] = "ode"
    mask: Literal["explicit", "auto"] = "explicit"
    """Whether the model is told what to make anew; else 2 stands everywhere, as in upstream's newest code."""

    @property
    def first_noise_start(self) -> float:
        """How near the first step begins to what leads it, the guide or the source."""
        return self.noise_start if self.guide is None else self.guide.noise_start


def canvas_latents(latents: int) -> int:
    """How many latents to render for so many."""
    return max(latents, MIN_LATENTS)


def check_length(timeline: Timeline) -> None:
    """Raises RequestError (`range_too_long`) for more than the model can do at once."""
    if timeline.seconds > MAX_SECONDS:
        raise RequestError(
            ErrorCode.RANGE_TOO_LONG,
            say(
                "The range is {seconds:.0f} s long; ACE-Step renders at most {max_seconds:.0f} s.",
                seconds=timeline.seconds,
                max_seconds=MAX_SECONDS,
            ),
            "Choose a shorter range, or `--engine sketch`.",
        )


def spec_from_request(
    request: TaskRequest[MusicParams, AceStepOptions], mode: RenderMode, latents: int, **more: Any
) -> RenderSpec:
    """The rendering that a request asks for; `more` are further fields of it."""
    params, options = request.params, request.options
    return RenderSpec(
        mode,
        params.prompt,
        music_metadata(MusicalRange(request.timeline, request.tempo)),
        request.seed,
        latents,
        params.lyrics,
        params.language,
        sampler=options.sampler,
        mask=options.mask,
        **more,
    )
