"""The options of the engines that separate by networks."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from bandmate_plugins.model import ModelName


class NetworkOptions(msgspec.Struct, frozen=True):
    """What `demucs` and `roformer` take beside a task's parameters."""

    model: ModelName = ""
    overlap: Annotated[
        Annotated[float, Meta(ge=0, le=0.9)] | None,
        Meta(
            title="Overlap",
            description="Overlap of the model's tiles; the model's own if omitted; more takes longer",
        ),
    ] = None
    shifts: Annotated[
        int,
        Meta(ge=0, le=10, title="Shifts", description="Passes of the model, moved in time and averaged"),
    ] = 0
