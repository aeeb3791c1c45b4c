"""Writing a project that results were put into: in its place, or beside it while REAPER may have it open."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.project import Project, reaper_is_running, target_for


def check_in_place(project: Project, asked: Path, *, force: bool) -> None:
    """Raises RequestError (`file_unusable`, ...) for a project that `save_in_place` could not write."""
    if target_for(asked, force=force, reaper_running=reaper_is_running()).where == "project":
        project.check_writable()


def save_in_place(project: Project, asked: Path, *, force: bool) -> list[str]:
    """Saves it; ``asked`` is the file that was named. Returns what there is to say of where it went.

    Raises RequestError (`project_changed`, ...); then every file is as it was.
    """
    target = target_for(asked, force=force, reaper_running=reaper_is_running())
    project.save(target.path if target.where == "copy" else None)
    return [target.sentence] if target.sentence else []
