"""A new project in hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bandmate_bridge.dawproject.arriving_audio import ArrivingAudio
from bandmate_bridge.dawproject.blank_project import ProjectContent, blank_project
from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.rpp.settings import DEFAULT_RATE
from bandmate_protocol.messages import TempoPoint


def new_dawproject(
    path: Path | str,
    *,
    sample_rate: int = DEFAULT_RATE,
    tempo: Sequence[TempoPoint] = (TempoPoint(position=0.0, bpm=120.0),),
    title: str = "",
    key: str | None = None,
    content: ProjectContent | None = None,
    audio: ArrivingAudio | None = None,
) -> DawProject:
    """A project that `save` will write where no file is.

    ``tempo``: points in frames at ``sample_rate``, the first at or before 0. ``content``: its tracks, whose clips
    name ``audio``.
    """
    return DawProject(
        Path(path),
        None,
        blank_project(tempo, sample_rate, key, content),
        sample_rate=sample_rate,
        title=title,
        arriving=audio,
    )
