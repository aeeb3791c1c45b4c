"""Writes a whole project in the other format."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.export.losses import Losses
from bandmate_bridge.export.to_dawproject import to_dawproject
from bandmate_bridge.export.to_reaper import to_reaper
from bandmate_bridge.files import check_free
from bandmate_bridge.projects import PROJECT_ENDINGS, load_project, names_project
from bandmate_bridge.rpp import Project
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class ExportedProject:
    """What was written."""

    path: Path
    said: list[str]
    """What there is to say of it, for people."""
    files: list[Path] = field(default_factory=list)
    """Audio beside the project."""


def export_project(source: Path, target: Path, *, force: bool = False) -> ExportedProject:
    """Writes a project of REAPER as a DAWproject, or a DAWproject as one of REAPER.

    ``force``: a file of that name is replaced, and kept as a backup. Raises RequestError: `file_unusable`,
    `file_exists`, `not_a_project`, `disk_full`, ...; then nothing is left behind.
    """
    _check_ending(target)
    _check_target(target, force=force)
    project = load_project(source)
    if isinstance(project, DawProject) == (target.suffix.lower() == PROJECT_ENDINGS[1]):
        raise _same_format_error(source, target)
    if not isinstance(project, DawProject):
        made, losses = to_dawproject(project, target)
        _save(made, force=force)
        return ExportedProject(target, _sentences(made, project, losses))
    with to_reaper(project, target) as (written, losses, copies):
        _save(written, force=force)
        return ExportedProject(target, _sentences(written, project, losses), copies.made)


def _save(project: Project, *, force: bool) -> None:
    if force and project.path.is_file():
        project.replace_file()
    project.save()


def _check_ending(target: Path) -> None:
    if not names_project(target):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{target} does not end in .dawproject or .rpp.", target=target),
            say("Use -o {named}, or .rpp for REAPER.", named=f"{target.with_suffix('')}.dawproject"),
        )


def _check_target(target: Path, *, force: bool) -> None:
    check_free(target, replace=force)


def _same_format_error(source: Path, target: Path) -> RequestError:
    title, other = (
        ("a DAWproject", ".rpp")
        if target.suffix.lower() == PROJECT_ENDINGS[1]
        else ("a REAPER project", ".dawproject")
    )
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{source} is {title} already.", source=source, title=title),
        say("Use -o {named} for the other format, or copy the file.", named=target.with_suffix(other)),
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
