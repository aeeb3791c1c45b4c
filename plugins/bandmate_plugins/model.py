"""The weights that engines use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

ModelName = Annotated[
    str,
    Meta(
        max_length=64,
        title="Model",
        description="Its name in `bandmate models list`; the engine's best one on the disk when empty",
        extra_json_schema={"advanced": True},
    ),
]
"""The option of an engine that has several models."""


@dataclass(frozen=True)
class Model:
    """Weights that an engine uses, at a pinned revision of a hub."""

    hub_id: str
    revision: str
    licence: str
    size_bytes: int
    """0 if it is unknown until the hub is contacted."""
    files: tuple[str, ...] = ()
    """The files of the repository that are used, `*` for any part of a name; all of them if empty."""
    name: str = ""
    """What people call it; the last part of the hub's name when empty."""
    about: str = ""
    """Its purpose in a few words, to help people choose one."""

    @property
    def short_name(self) -> str:
        """Its own name, or the last part of the hub's, in the form of a word."""
        return self.name or self.hub_id.split("/")[-1].lower().replace("-", "_")
