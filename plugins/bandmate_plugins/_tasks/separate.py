"""The task `separate`: takes a mix, or a drum track, apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.task import EngineTask, Task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

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

SeparationMode = Literal["four", "six", "two", "drums", "tracks"]


@dataclass(frozen=True)
class StemPart:
    """A stem that a mode can give: its track's name, and its role, which `stems` calls it by."""

    name: str
    role: str


PARTS: dict[SeparationMode, tuple[StemPart, ...]] = {
    "four": (
        StemPart("Drums", "drums"),
        StemPart("Bass", "bass"),
        StemPart("Vocals", "vocals"),
        StemPart("Other", "other"),
    ),
    "six": (
        StemPart("Drums", "drums"),
        StemPart("Bass", "bass"),
        StemPart("Guitar", "guitar"),
        StemPart("Piano", "piano"),
        StemPart("Vocals", "vocals"),
        StemPart("Other", "other"),
    ),
    "two": (StemPart("Vocals", "vocals"), StemPart("Instrumental", "instrumental")),
    "drums": (StemPart("Kick", "kick"), StemPart("Snare", "snare"), StemPart("Hats and cymbals", "hats")),
    "tracks": tuple(StemPart(name.replace("_", " ").capitalize(), name) for name in get_args(Track)),
}
"""What each mode gives, in the order of the tracks."""

RESIDUAL = StemPart("Residual", "residual")


class SeparateParams(msgspec.Struct, frozen=True):
    """What `separate` takes."""

    mode: Annotated[
        SeparationMode,
        Meta(
            title="Take apart into",
            description="four: drums, bass, vocals and other; six: guitar and piano too, if a model has them; "
            "two: vocals and instrumental; drums: kick, snare, hats with cymbals, from a drum track; "
            "tracks: those of twelve that a model extracts by name",
        ),
    ] = "four"
    stems: Annotated[
        str,
        Meta(
            max_length=200,
            title="Stems to keep",
            description="Names separated by commas, such as `drums, bass`; all stems if empty",
        ),
    ] = ""
    residual: Annotated[
        bool,
        Meta(
            title="Residual",
            description="Add a stem with the remainder, so that the stems add up to the source",
        ),
    ] = False
    from_mix: Annotated[
        bool,
        Meta(
            title="Drums from a mix",
            description="For `drums`: the source is a whole mix, so separate its drums first",
        ),
    ] = False
    consistency: Annotated[
        bool,
        Meta(
            title="Mixture consistency",
            description="Spread what a model left over or added across its stems, so that they add up to the source",
        ),
    ] = False

    def __post_init__(self) -> None:
        """Raises ValueError, which becomes `bad_params`, for a stem that the mode does not have."""
        known = [part.role for part in PARTS[self.mode]]
        strange = [role for role in self._requested_roles() if role not in known]
        if strange:
            modes = [mode for mode, parts in PARTS.items() if any(part.role == strange[0] for part in parts)]
            elsewhere = f"; the mode {' or '.join(f'`{mode}`' for mode in modes)} has it" if modes else ""
            raise ValueError(
                f"`{strange[0]}` is not a stem of the mode `{self.mode}`, which has {', '.join(known)}{elsewhere}"
            )

    def check_mode(self, engine: str) -> None:
        """Raises RequestError (`bad_params`) for `tracks`, in engines whose stems are fixed."""
        if self.mode == "tracks":
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("The engine {engine} cannot extract tracks by name.", engine=engine),
                "acestep can, with its base model; or choose the mode four, six, two or drums.",
            )

    @property
    def kept_parts(self) -> tuple[StemPart, ...]:
        """The parts to keep, in the order of the mode."""
        asked = self._requested_roles()
        return tuple(part for part in PARTS[self.mode] if not asked or part.role in asked)

    def _requested_roles(self) -> list[str]:
        return [word for word in self.stems.lower().replace(",", " ").split() if word]


class SeparateTask(EngineTask[SeparateParams]):
    """Separates a mix into drums, bass, vocals and other, or a drum track into its drums."""

    name = "separate"
    title = "Separate"
    Params = SeparateParams
    ability = "separate"
    source = "required"
    result = "stems"
    result_title = "stems"
    order = 50


@hookimpl
def bandmate_tasks(register: Callable[[Task[Any]], None]) -> None:
    """Registers the task of this module."""
    register(SeparateTask())
