"""Projects of either format, by the same interface."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.dawproject.archive import is_archive
from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.rpp import Project

PROJECT_ENDINGS = (".rpp", ".dawproject")


def load_project(path: Path | str) -> Project:
    """Reads a REAPER project or a DAWproject. Raises RequestError (`file_unusable`, `not_a_project`)."""
    return DawProject.load(path) if is_archive(Path(path)) else Project.load(path)


def names_project(path: Path) -> bool:
    """Whether a file's ending is that of a project."""
    return path.suffix.lower() in PROJECT_ENDINGS
