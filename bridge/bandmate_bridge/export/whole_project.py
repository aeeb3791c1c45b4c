"""Writes a whole project in the other format."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bandmate_bridge.ardour.session import ArdourSession
from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.export.losses import Losses
from bandmate_bridge.export.to_dawproject import to_dawproject
from bandmate_bridge.export.to_reaper import to_reaper
from bandmate_bridge.files import check_free
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Project
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_DAWPROJECT, _REAPER = ".dawproject", ".rpp"


@dataclass(frozen=True)
class ExportedProject:
    """What was written."""

    path: Path
    said: list[str]
    """What there is to say of it, for people."""
    files: list[Path] = field(default_factory=list)
    """Audio beside the project."""


def export_project(source: Path, target: Path, *, force: bool = False) -> ExportedProject:
    """Writes a project of REAPER or an Ardour session as a DAWproject, or a DAWproject as a project of REAPER.

    ``force``: a file of that name is replaced, and kept as a backup. Raises RequestError: `file_unusable`,
    `file_exists`, `not_a_project`, `disk_full`, ...; then nothing is left behind.
    """
    _check_ending(target)
    check_free(target, replace=force)
    project = load_project(source)
    if target.suffix.lower() == _DAWPROJECT and not isinstance(project, DawProject):
        made, losses = to_dawproject(project, target)
        _save(made, force=force)
        return ExportedProject(target, _sentences(made, project, losses))
    if target.suffix.lower() == _DAWPROJECT or not isinstance(project, DawProject):
        raise _no_way_error(project, source, target)
    with to_reaper(project, target) as (written, losses, copies):
        _save(written, force=force)
        return ExportedProject(target, _sentences(written, project, losses), copies.made)


def _save(project: Project, *, force: bool) -> None:
    if force and project.path.is_file():
        project.replace_file()
    project.save()


def _check_ending(target: Path) -> None:
    if target.suffix.lower() not in (_DAWPROJECT, _REAPER):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{target} does not end in .dawproject or .rpp.", target=target),
            say("Use -o {named}, or .rpp for REAPER.", named=f"{target.with_suffix('')}.dawproject"),
        )


def _no_way_error(project: Project, source: Path, target: Path) -> RequestError:
    """For a project that is in the format already, or that goes into the other one alone."""
    if isinstance(project, ArdourSession):
        return RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{source} is an Ardour session, which Bandmate writes as a DAWproject only.", source=source),
            say("Use -o {named}.", named=target.with_suffix(_DAWPROJECT)),
        )
    is_archive = isinstance(project, DawProject)
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say(
            "{source} is {title} already.",
            source=source,
            title="a DAWproject" if is_archive else "a REAPER project",
        ),
        say(
            "Use -o {named} for the other format, or copy the file.",
            named=target.with_suffix(_REAPER if is_archive else _DAWPROJECT),
        ),
    )


def _sentences(made: Project, source: Project, losses: Losses) -> list[str]:
    tracks = made.tracks
    items = sum(len(track.items) for track in tracks)
    counted = [
        _count(len(tracks), "track"),
        _count(items, "item"),
        _count(len(made.markers), "marker"),
        _count(len(source.tempo_map.points), "tempo point"),
    ]
    said = [f"{made.path.name}: {', '.join(counted)}.", *losses.sentences()]
    return said + ([source.rate.remark] if source.rate.remark else [])


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
