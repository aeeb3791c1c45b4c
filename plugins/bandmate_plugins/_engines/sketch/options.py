"""The options of the embedded band: which sounds it plays, and what a redo plays again."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


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
    soundfont: Annotated[
        str,
        Meta(
            max_length=64,
            title="SoundFont used",
            description="The SoundFont that was played, filled in by the job: its SHA-256, or none",
            extra_json_schema={"readOnly": True, "abilities": ["text", "inpaint", "variation", "accompany"]},
        ),
    ] = ""
    tracker: Annotated[
        str,
        Meta(
            max_length=64,
            title="Tracker used",
            description="What followed the pitch of a voice, filled in by the job: own, or swift-f0 with "
            "its version",
            extra_json_schema={"advanced": True, "abilities": ["text", "variation", "accompany"]},
        ),
    ] = ""
    band: Annotated[
        str,
        Meta(
            max_length=16,
            title="Band used",
            description="The version of the embedded band that played, filled in by the job",
            extra_json_schema={"readOnly": True, "abilities": ["text", "inpaint", "variation", "accompany"]},
        ),
    ] = ""
    listening: Annotated[
        str,
        Meta(
            max_length=16,
            title="Analysis used",
            description="The version of the analysis that the recording was read by, filled in by the job",
            extra_json_schema={"readOnly": True, "abilities": ["text", "inpaint", "variation", "accompany"]},
        ),
    ] = ""
