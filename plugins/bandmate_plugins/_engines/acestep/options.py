"""The options of ACE-Step: which checkpoint, and how it samples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.separate import Track
from bandmate_plugins._timing.fit_mode import FitMode
from bandmate_plugins.model import ModelName

_RENDERING = ["text", "inpaint", "variation", "accompany"]
"""All but `separate`, which has a fixed way."""


def _advanced(*abilities: str) -> dict[str, Any]:
    """Marks an option that few need; with abilities, one that applies to these alone."""
    return {"advanced": True, "abilities": list(abilities)} if abilities else {"advanced": True}


SamplingSteps = Annotated[
    int,
    Meta(
        ge=1,
        le=200,
        title="Steps",
        description="As many as the model was made for when empty",
        extra_json_schema=_advanced(),
    ),
]

Guidance = Annotated[
    float,
    Meta(
        ge=1.0,
        le=7.0,
        title="Guidance",
        description="How strongly the prompt pulls the sampler; as the model was made for when empty",
        extra_json_schema=_advanced(),
    ),
]


class AceStepOptions(msgspec.Struct, frozen=True):
    """What `acestep` takes beside a task's parameters."""

    layer: Annotated[
        Literal["auto", "backing", Track],
        Meta(
            title="Layer",
            description="A whole backing, or the one track to add; auto goes by the prompt",
            extra_json_schema={"abilities": ["accompany"]},
        ),
    ] = "auto"
    model: ModelName = ""
    steps: SamplingSteps | None = None
    guidance: Guidance | None = None
    sampler: Annotated[
        Literal["ode", "sde"],
        Meta(
            title="Sampler",
            description="ode goes straight from noise to music, sde adds fresh noise at every step",
            extra_json_schema=_advanced(*_RENDERING),
        ),
    ] = "ode"
    mask: Annotated[
        Literal["explicit", "auto"],
        Meta(
            title="Mask",
            description="Experimental: explicit tells the model what to make, auto lets it find out",
            extra_json_schema=_advanced("inpaint", "accompany"),
        ),
    ] = "explicit"
    fit: Annotated[
        FitMode,
        Meta(
            title="Fit to grid",
            description="auto moves the music onto the grid where it is more than 5 ms a bar off, always wherever "
            "it can be measured; off keeps it as it was made",
            extra_json_schema=_advanced("text", "variation", "accompany", "inpaint"),
        ),
    ] = "auto"
    hold: Annotated[
        float,
        Meta(
            ge=0.0,
            le=1.0,
            title="Hold",
            description="The share of the steps that is held to the audio around the range",
            extra_json_schema=_advanced("inpaint"),
        ),
    ] = 0.5
    noise_start: Annotated[
        float,
        Meta(
            ge=0.0,
            le=1.0,
            title="Noise start",
            description="How close to the recording the first step begins; 0 begins with pure noise",
            extra_json_schema=_advanced("variation"),
        ),
    ] = 0.0
