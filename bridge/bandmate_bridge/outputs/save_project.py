"""Writing a project that results were put into: in its place, or beside it while a DAW may have it open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Project, find_save_target
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_MAX_TRIES = 20
"""As many commands may put their results into one project at the same time."""

_T = TypeVar("_T")


def check_in_place(project: Project, asked: Path, *, force: bool) -> None:
    """Raises RequestError (`file_unusable`, ...) for a project that `save_in_place` could not write."""
    if not force:
        project.check_closed()
    if (
        find_save_target(asked, force=force, daw_running=project.may_be_open, daw=project.daw).where
        == "project"
    ):
        project.check_writable()


def save_in_place(project: Project, asked: Path, *, force: bool) -> list[str]:
    """Saves it; ``asked`` is the file that was named. Returns what there is to say of where it went.

    Raises RequestError (`project_changed`, ...); then every file is as it was.
    """
    target = find_save_target(asked, force=force, daw_running=project.may_be_open, daw=project.daw)
    backup = project.save(target.path if target.where == "copy" else None)
    said = [target.sentence] if target.sentence else []
    if backup is not None and backup.day is not None:
        said.append(say("The project as it was is kept as {name}.", name=backup.day.name))
    return said


def insert_and_save(
    project: Project, asked: Path, insert: Callable[[Project], _T], *, force: bool
) -> tuple[_T, list[str]]:
    """Puts a result into a project and saves it; returns what ``insert`` gave, and what to say.

    Where another program saved the file since it was read, the result goes into the file as it is now, as
    long as that has the same tempo map and sample rate. Raises RequestError as `save_in_place`, and whatever
    ``insert`` raises; then every file is as it was.
    """
    now, said = project, list[str]()
    for tries_left in reversed(range(_MAX_TRIES)):
        inserted = insert(now)
        try:
            return inserted, [*said, *save_in_place(now, asked, force=force)]
        except RequestError as error:
            if error.code != ErrorCode.PROJECT_CHANGED or not tries_left:
                raise
            now = _reload_project(project, asked, error)
            said = [
                f"Another program saved {asked.name} in the meantime; the result was added to the new version."
            ]
    raise AssertionError("the last try raises its error")


def _reload_project(before: Project, asked: Path, error: RequestError) -> Project:
    """The project read again. Raises the ``error`` where a result would not fit it any more."""
    try:
        now = load_project(asked)
    except RequestError:
        raise error from None
    if (now.sample_rate, now.tempo_map.points) != (before.sample_rate, before.tempo_map.points):
        raise error
    return now
