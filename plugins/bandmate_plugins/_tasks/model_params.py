"""Parameters that several tasks share for engines with a model; the embedded engines remark on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from bandmate_plugins.outputs import Remark
from bandmate_protocol.texts import say


def unused_param_remarks(
    params: object, who: str, reasons: Mapping[str, tuple[Any, str]]
) -> Iterator[Remark]:
    """A remark for each parameter that was given and changes nothing.

    ``reasons``: their defaults by name, and why they change nothing with ``who``: `it takes no steps`.
    """
    for name, (usual, why) in reasons.items():
        if getattr(params, name, usual) != usual:
            yield Remark(say("`{name}` has no effect with {who}: {why}.", name=name, who=who, why=why))


Lyrics = Annotated[
    str,
    Meta(
        max_length=4096,
        title="Lyrics",
        description="What is sung, with marks such as [Verse] and [Chorus]; nothing is sung when empty",
    ),
]

# fmt: off
Language = Annotated[
    Literal[
        "unknown", "ar", "az", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "fa",
        "fi", "fr", "he", "hi", "hr", "ht", "hu", "id", "is", "it", "ja", "ko", "la",
        "lt", "ms", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sa", "sk", "sr",
        "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "yue", "zh",
    ],
    Meta(title="Language", description="Of the lyrics, by its code"),
]
# fmt: on
"""The languages that ACE-Step 1.5 was trained on (ISO 639; `yue` is Cantonese)."""

Checkpoint = Annotated[
    str,
    Meta(
        max_length=64,
        title="Model",
        description="By its name in `bandmate models list`; the engine's best one that is here when empty",
        extra_json_schema={"advanced": True},
    ),
]

SamplingSteps = Annotated[
    int,
    Meta(
        ge=1,
        le=200,
        title="Steps",
        description="Of a model; as many as it was made for when empty",
        extra_json_schema={"advanced": True},
    ),
]

Guidance = Annotated[
    float,
    Meta(
        ge=1.0,
        le=7.0,
        title="Guidance",
        description="How hard a model is held to the prompt; as it was made for when empty",
        extra_json_schema={"advanced": True},
    ),
]

Sampler = Annotated[
    Literal["ode", "sde"],
    Meta(
        title="Sampler",
        description="Of a model: ode goes straight from noise to music, sde adds fresh noise at every step",
        extra_json_schema={"advanced": True},
    ),
]

Mask = Annotated[
    Literal["explicit", "auto"],
    Meta(
        title="Mask",
        description="Experimental, for a model: explicit tells it what to make anew, auto lets it find out",
        extra_json_schema={"advanced": True},
    ),
]

Track = Literal[
    "woodwinds",
    "brass",
    "fx",
    "synth",
    "strings",
    "percussion",
    "keyboard",
    "guitar",
    "bass",
    "drums",
    "backing_vocals",
    "vocals",
]
"""The tracks that ACE-Step 1.5 knows by name, to add one or to take one out."""
