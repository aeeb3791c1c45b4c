"""The options of the embedded band: which sounds it plays, and what a redo plays again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

_FILLED_IN = {
    "soundfont": (
        64,
        "SoundFont used",
        "The SoundFont that was played, filled in by the job: its SHA-256, or none",
    ),
    "band": (16, "Band used", "The version of the embedded band that played, filled in by the job"),
    "listening": (
        16,
        "Analysis used",
        "The version of the analysis that the recording was read by, filled in by the job",
    ),
    "tracker": (
        64,
        "Tracker used",
        "What followed the pitch of a voice, filled in by the job: own, or swift-f0 with its version",
    ),
}
"""Longest value, title and description of what a job says of how the band played, by the name of the option."""


def filled_in(name: str, *abilities: str, **how: Any) -> Meta:
    """The option that has a job played again as it was; the engines that the band leads have it too."""
    longest, title, description = _FILLED_IN[name]
    marks = (how or {"readOnly": True}) | {"abilities": list(abilities)}
    return Meta(max_length=longest, title=title, description=description, extra_json_schema=marks)


class SketchOptions(msgspec.Struct, frozen=True):
    """What `sketch` takes beside a task's parameters."""

    sound: Annotated[
        Literal["auto", "own", "soundfont"],
        Meta(
            title="Sound",
            description="Acoustic instruments from a SoundFont: if one is installed, never, or always",
            extra_json_schema={"abilities": ["text", "variation", "accompany"]},
        ),
    ] = "auto"
    pattern: Annotated[
        str,
        Meta(
            max_length=2_000,
            title="Drum pattern",
            description="What the drum of the prompt plays, such as x--- x--- x-x- x---; or a line for each drum, such "
            "as kick: x--- x--- x--- x---; snare: ---- x--- ---- x---",
            extra_json_schema={"advanced": True, "abilities": ["text", "variation", "accompany"]},
        ),
    ] = ""
    only: Annotated[
        str,
        Meta(
            max_length=400,
            title="Only in",
            description="The sections that new parts play in, such as chorus, or verse, B:2; they rest elsewhere",
            extra_json_schema={"advanced": True, "abilities": ["text", "accompany"]},
        ),
    ] = ""
    anyway: Annotated[
        bool,
        Meta(
            title="Play anyway",
            description="Play even if no word of the prompt is known",
            extra_json_schema={"advanced": True, "abilities": ["text", "variation", "accompany"]},
        ),
    ] = False
    humanise: Annotated[
        bool,
        Meta(
            title="Humanise",
            description="Play given notes with small differences of time and strength, not exactly as they are written",
            extra_json_schema={"advanced": True, "abilities": ["text"]},
        ),
    ] = False
    soundfont: Annotated[str, filled_in("soundfont", "text", "inpaint", "variation", "accompany")] = ""
    tracker: Annotated[str, filled_in("tracker", "text", "variation", "accompany", advanced=True)] = ""
    band: Annotated[str, filled_in("band", "text", "inpaint", "variation", "accompany")] = ""
    listening: Annotated[str, filled_in("listening", "text", "inpaint", "variation", "accompany")] = ""
