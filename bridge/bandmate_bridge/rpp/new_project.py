"""A new project in hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bandmate_bridge.rpp import settings
from bandmate_bridge.rpp.blank_project import blank_document
from bandmate_bridge.rpp.project import Project
from bandmate_protocol.messages import TempoPoint


def new_project(
    path: Path | str,
    *,
    sample_rate: int = settings.DEFAULT_RATE,
    tempo: Sequence[TempoPoint] = (TempoPoint(position=0.0, bpm=120.0),),
    media: str = "",
) -> Project:
    """A project without tracks that `save` will write where no file is.

    ``tempo``: points in frames at ``sample_rate``, the first at 0; ``media``: a media folder relative to the
    project.
    """
    return Project(Path(path), blank_document(sample_rate, tempo, media=media), None)
