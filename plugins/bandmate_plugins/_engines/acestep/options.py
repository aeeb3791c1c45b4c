"""The options of ACE-Step: which checkpoint, and how it samples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bandmate_plugins._engines.sketch.options import filled_in
from bandmate_plugins._tasks.separate import Track
from bandmate_plugins._timing.fit_mode import FitMode
from bandmate_plugins.model import ModelName

_RENDERING = ["text", "inpaint", "variation", "accompany"]
"""All but `separate`, which has a fixed way."""
_LED = ["text", "accompany"]
"""Those in which a guide may lead."""
GuideForm = Literal["codes", "latents"]


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


GuideStrength = Annotated[
    float,
    Meta(
        ge=0.0,
        le=1.0,
        title="Guide strength",
        description="The share of the steps that the guide leads; when empty, 0.375 for a groove, 0.5 for chords and "
        "0.75 for a melody",
        extra_json_schema=_advanced(*_LED),
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
    think: Annotated[
        bool,
        Meta(
            title="Think first",
            description="A planner writes down the music before it is rendered; it needs one of its models",
            extra_json_schema={"abilities": ["text"]},
        ),
    ] = False
    planner: Annotated[
        str,
        Meta(
            max_length=64,
            title="Planner",
            description="Its name in `bandmate models list`; the best one that fits when empty",
            extra_json_schema=_advanced("text", "analyse") | {"tasks": ["write"]},
        ),
    ] = ""
    rewrite: Annotated[
        bool,
        Meta(
            title="Rewrite prompt",
            description="With Think first: render the planner's own, longer description instead of the prompt",
            extra_json_schema=_advanced("text"),
        ),
    ] = True
    plan_guidance: Annotated[
        float,
        Meta(
            ge=1.0,
            le=10.0,
            title="Plan guidance",
            description="How strongly the plan's audio codes follow its description",
            extra_json_schema=_advanced("text"),
        ),
    ] = 2.0
    plan_temperature: Annotated[
        float,
        Meta(
            ge=0.0,
            le=2.0,
            title="Plan temperature",
            description="0 plans the likeliest piece, more varies it",
            extra_json_schema=_advanced("text") | {"tasks": ["write"]},
        ),
    ] = 0.85
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
            description="How close to the recording or the guide the first step begins; 0 begins with pure noise",
            extra_json_schema=_advanced("variation", *_LED),
        ),
    ] = 0.0
    guide_strength: GuideStrength | None = None
    guide_form: Annotated[
        GuideForm,
        Meta(
            title="Guide form",
            description="How the model is given the guide: codes as in a cover, or latents, which hold it closer",
            extra_json_schema=_advanced(*_LED),
        ),
    ] = "codes"
    guide_track: Annotated[
        bool,
        Meta(
            title="Guide as a track",
            description="Gives the guide as a stem of its own too",
            extra_json_schema=_advanced(*_LED),
        ),
    ] = False
    guide: Annotated[
        str,
        Meta(
            max_length=64,
            title="Guide used",
            description="The SHA-256 of the guide, filled in by the job",
            extra_json_schema={"readOnly": True, "abilities": _LED},
        ),
    ] = ""
    soundfont: Annotated[str, filled_in("soundfont", *_LED)] = ""
    band: Annotated[str, filled_in("band", *_LED)] = ""
    listening: Annotated[str, filled_in("listening", *_LED)] = ""
    tracker: Annotated[str, filled_in("tracker", *_LED)] = ""
